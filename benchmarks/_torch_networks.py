"""The networks in PyTorch, with Keras's initial weights, and a plain loop that trains them."""

import torch
from torch import nn


def initialised(network):
    """Return the network with weights drawn as Keras draws them."""
    for name, parameter in network.named_parameters():
        if name.endswith("bias"):
            nn.init.zeros_(parameter)
        else:
            nn.init.xavier_uniform_(parameter)
    return network


class MLP(nn.Module):
    """Multilayer perceptron of one hidden layer; outputs are logits."""

    def __init__(self, hidden=128, dropout=0.0):
        super().__init__()
        dropouts = [nn.Dropout(dropout)] if dropout else []
        self.layers = nn.Sequential(
            nn.Linear(784, hidden), nn.ReLU(), *dropouts, nn.Linear(hidden, 10)
        )
        initialised(self)

    def forward(self, X):
        return self.layers(X)


class LeNet(nn.Module):
    """The network of ``skmnist.networks.lenet``; outputs are logits."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            *(nn.Conv2d(1, 6, 3), nn.ReLU(), nn.AvgPool2d(2)),
            *(nn.Conv2d(6, 16, 3), nn.ReLU(), nn.AvgPool2d(2)),
            *(nn.Conv2d(16, 120, 3), nn.ReLU(), nn.Flatten()),
            *(nn.Linear(1080, 84), nn.ReLU(), nn.Linear(84, 10)),
        )
        initialised(self)

    def forward(self, X):
        return self.layers(X.view(-1, 1, 28, 28))


def adam(parameters):
    return torch.optim.Adam(parameters, lr=1e-3, eps=1e-7)


def rmsprop(parameters):
    return torch.optim.RMSprop(parameters, lr=1e-3, alpha=0.9, eps=1e-7)


def train(make, optimizer, batch_size, X, y, epochs, seed):
    """Train a new network as fast as plain PyTorch goes: batches by index from tensors.

    Returns
    -------
    predict : callable
        From images to labels.
    """
    torch.manual_seed(seed)
    network = make().train()
    step = optimizer(network.parameters())
    loss = nn.CrossEntropyLoss()
    X, y = torch.from_numpy(X), torch.from_numpy(y)
    for _ in range(epochs):
        for batch in torch.randperm(len(X)).split(batch_size):
            step.zero_grad()
            loss(network(X[batch]), y[batch]).backward()
            step.step()
    network.eval()
    return lambda images: predict(network, images)


def predict(network, images):
    with torch.no_grad():
        return network(torch.from_numpy(images)).argmax(1).numpy()


def count_params(network):
    return sum(parameter.numel() for parameter in network.parameters())
