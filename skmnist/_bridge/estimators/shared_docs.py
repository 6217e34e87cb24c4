"""Shared documentation of the parameters and attributes of all estimators.

The docstring of a class gets the entries of those parameters and attributes that the class has, in
this order.
"""

from skmnist._support.parameters import entries

_PARAMETERS = """
optimizer : str, keras.optimizers.Optimizer or subclass of it, default={optimizer}
    Keras optimizer, as a name, a class or an instance.  Every fit copies an instance without its
    state.  Set parameters for a name or a class as ``optimizer__momentum`` and so on.
learning_rate : float > 0, LearningRateSchedule of Keras or None, default={learning_rate}
    Learning rate of the optimizer.  None keeps the optimizer's own (0.001 for Adam).
learning_rate_schedule : {"auto", "cosine", "linear"} or None, default={learning_rate_schedule}
    Schedule of the learning rate over the `epochs` of a fit.  It falls from `learning_rate` to
    almost zero, along half a cosine or a line, and is set before every epoch.  None keeps it
    constant.  "auto" means None if `learning_rate` is a Keras schedule, and "cosine" otherwise.
    If a callback changes the rate by some factor, this factor also applies to later epochs.
    Each call of ``partial_fit`` takes one epoch of the schedule, and calls after its end keep the
    last rate.
loss : str, keras.losses.Loss or callable, default={loss}
    Keras loss.  Targets are passed as class codes or as one-hot rows, as the loss requires.
metrics : list or tuple, default={metrics}
    Keras metrics to record in ``history_`` besides the loss.  Each metric gets targets in the form
    that it requires, which may differ from that of the loss.  As in Keras, they ignore weights.
weighted_metrics : list, tuple or None, default=None
    Keras metrics that use ``sample_weight`` and `class_weight`, like the loss.
epochs : int >= 1, default={epochs}
    Number of passes over the training data; the maximum number with early stopping.
batch_size : int >= 1 or None, default={batch_size}
    Number of samples in a mini-batch, for one step.  None takes all samples in one step.  Data sets
    have batches of their own.
early_stopping : bool, default=False
    Whether to stop when the validation loss has not improved for `n_iter_no_change` epochs.
    Validation uses ``X_val`` of :meth:`fit`, or else a hold-out by `validation_fraction`.
validation_fraction : float in (0, 1) or None, default=None
    Fraction of the training data to hold out for validation after every epoch.  The hold-out is
    random and stratified by class.  None means 0.1 with `early_stopping`, and no hold-out without.
n_iter_no_change : int >= 1, default=5
    Number of epochs without improvement after which `early_stopping` ends the training.
restore_best_weights : bool, default=True
    Whether `early_stopping` ends with the weights of the epoch with the lowest validation loss,
    and not with those of the last epoch.
callbacks : keras.callbacks.Callback, list, tuple, dict or None, default=None
    Keras callbacks, or their classes with parameters set as ``callbacks__patience``.  Every fit
    uses fresh copies of instances.  Objects in an instance are shared: a trial, a list, a stream.
class_weight : dict, "balanced" or None, default=None
    Weights of the classes as ``{label: weight}``; missing classes have weight one.  "balanced"
    weights classes inversely to their frequency.  The weights are multiplied by ``sample_weight``.
    They do not apply to validation data.
augmentation : Augmentation, keras.layers.Layer or None, default=None
    Random changes to the training images, which differ in every epoch.  Images for validation and
    prediction are not changed.  Pass an :class:`~skmnist.Augmentation`, whose parameters can be
    searched as ``augmentation__rotation`` and so on, or a Keras layer or model that maps images to
    images, which every fit copies.  MixUp and CutMix blend labels too.
jit_compile : bool, default=False
    Whether XLA compiles the training step.  Compilation takes seconds per network, and dropout
    draws other random numbers.  It is rarely faster on processors without an accelerator.
dtype_policy : str or None, default=None
    Name of the Keras dtype policy of the network's layers.  "mixed_bfloat16", for instance, is less
    precise, but faster on processors with instructions for it.  None means Keras's global setting,
    usually "float32".
warm_start : bool, default=False
    Whether :meth:`fit` starts from the weights, optimizer and history of the previous fit.
image_shape : tuple of int or None, default=None
    Height and width, or height, width and channels, of the images in the rows of X.  If None, it is
    the shape of the images in X, and rows are folded into the smallest square that holds them,
    padded with zeros.
pixel_range : {"auto", "unit", "as-is"} or (black, white), default={pixel_range}
    Range of the pixels of X, which is scaled so that black is 0 and white is 1.

    - "auto" learns the range in ``fit``.  White is 1 for fractions, Booleans, and pixels that are
      all 0 and 1, and 255 for other bytes (uint8).  For other whole numbers it is the smallest of
      16, 255 and 65535 that is not below the maximum.  Data with negative values are not scaled.
      Numbers that are not whole are not scaled if their maximum is in [2, 16] or above 255.  After
      the fit, a row of only fractions counts as scaled already.  If a network of your own rescales
      its input, pixels are scaled to the range that it expects.
    - "unit" is like "auto", but does not check whether the network rescales its input.
    - (black, white) states the range.
    - "as-is" does not scale pixels.
random_state : int, RandomState instance or None, default=None
    Seed of initial weights, order of samples, dropout, augmentation and hold-out.  Pass an int for
    identical results in every fit.  The state of global generators does not change.
verbose : bool or int in [0, 2], default=0
    0 prints nothing, 1 or 2 one line per epoch.
"""

_ATTRIBUTES = """
classes_ : ndarray of shape (n_classes,)
    Class labels, sorted.
model_ : keras.Model
    The fitted model.
history_ : dict of str to list of float
    Loss and metrics after each epoch; with validation, also those with prefix ``val_``.
loss_curve_ : list of float
    Training loss after each epoch.
validation_loss_curve_ : list of float
    Validation loss after each epoch; only available with validation.
n_iter_ : int
    Number of epochs trained.
image_shape_ : tuple of int of shape (3,)
    Height, width and channels of the images.
pixel_range_ : tuple of float (black, white) or "as-is"
    Range of the pixels in the training data; white is 1 for data that were scaled already.
n_features_in_ : int
    Number of pixels times channels.
feature_names_in_ : ndarray of shape (n_features_in_,)
    Names of the columns of X; only available if all names are strings.
"""

_AUTOENCODER_PARAMETERS = """
latent_dim : int >= 1, default={latent_dim}
    Number of codes to which an image is compressed.
contamination : float in (0, 0.5], default={contamination}
    Fraction of outliers among the training images.  It sets the threshold: this fraction of the
    training images has scores at or below it.
hidden_layer_sizes : sequence of int >= 1, default={hidden_layer_sizes}
    Number of units of each dense layer between image and codes, and in reverse between codes and
    image.  Not used with `convolutional`.
convolutional : bool, default=False
    Whether to use strided convolutions in place of dense layers.
filters : sequence of int >= 1, default={filters}
    Number of filters of each 3 x 3 convolution; each convolution halves height and width.  Only
    used with `convolutional`.
activation : str or callable, default={activation}
    Keras activation of the hidden layers.
output_activation : str, callable or None, default={output_activation}
    Keras activation of the reconstruction, whose pixels are scaled to [0, 1]; None for linear.
    The loss "binary_crossentropy" requires "sigmoid".
noise : float in [0, 1], default={noise}
    Amount of noise added to the training images at the input; the targets are the clean images.
    It is the standard deviation of Gaussian noise on pixels scaled to [0, 1], or the fraction of
    pixels that salt-and-pepper noise replaces.
noise_type : {"gaussian", "salt-and-pepper"}, default={noise_type}
    Kind of noise.
variational : bool, default=False
    Whether training draws codes from a normal distribution with learned mean and variance.  Codes
    drawn from N(0, 1) can then be decoded to images like those of the training set.
kl_weight : float >= 0, default={kl_weight}
    Weight of the Kullback-Leibler divergence in the loss.  With the loss "binary_crossentropy" and
    weight 1, the total is the negative evidence lower bound.  With "mean_squared_error", this holds
    for weight 2 s**2, where s is the standard deviation of a pixel around its reconstruction.
    Only used with `variational`.
"""

_LOSS_OF_AUTOENCODERS = """
loss : str, keras.losses.Loss or callable, default={loss}
    Keras loss between images and their reconstructions, both scaled to [0, 1].
"""


COMMON_PARAMETERS = entries(_PARAMETERS)
COMMON_ATTRIBUTES = entries(_ATTRIBUTES)

AUTOENCODER_PARAMETERS = {
    **entries(_AUTOENCODER_PARAMETERS),
    **COMMON_PARAMETERS,
    **entries(_LOSS_OF_AUTOENCODERS),
}
