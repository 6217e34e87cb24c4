"""Documentation of what all estimators have in common, written once.

Every class takes the entries of those parameters and attributes that it has, in this order.
"""

from skmnist._support.parameters import entries

_PARAMETERS = """
optimizer : str, keras.optimizers.Optimizer or subclass of it, default={optimizer}
    Keras optimizer: its name, its class, or an instance, of which every fit takes a copy without
    state.  Parameters of a name or class are set as ``optimizer__momentum`` and so on.
learning_rate : float > 0, LearningRateSchedule of Keras or None, default={learning_rate}
    Learning rate of the optimizer.  None leaves it to the optimizer (0.001 for Adam).
learning_rate_schedule : {"auto", "cosine", "linear"} or None, default={learning_rate_schedule}
    How the learning rate falls over the `epochs` of a fit: from `learning_rate` to nearly zero,
    along half a cosine or a line, set anew before every epoch.  None leaves it as it is; "auto"
    does so where `learning_rate` is a schedule of Keras, and is "cosine" otherwise.
    A callback that changes the rate changes it by a factor, which stays for the epochs after.
    ``partial_fit`` goes down the same way, one epoch a call, and stays at its end.
loss : str, keras.losses.Loss or callable, default={loss}
    Keras loss.  It is given class codes or one-hot rows, whichever it takes.
metrics : list or tuple, default={metrics}
    Keras metrics to record in ``history_`` besides the loss.  Each is given the targets that it
    takes, whatever the loss takes.  As in Keras, they ignore weights.
weighted_metrics : list, tuple or None, default=None
    Keras metrics that ``sample_weight`` and `class_weight` weigh, as they weigh the loss.
epochs : int >= 1, default={epochs}
    Number of passes over the training data; the most there are when stopping early.
batch_size : int >= 1 or None, default={batch_size}
    Number of samples in a step.  None takes all of them in one step.  Data sets have their own.
early_stopping : bool, default=False
    Whether to stop when the loss on held-out data has not improved for `n_iter_no_change`
    epochs.  The data are ``X_val`` of :meth:`fit`, or else held out by `validation_fraction`.
validation_fraction : float in (0, 1) or None, default=None
    Fraction of the training data to hold out and validate on after every epoch.  It is shuffled
    and holds its share of every class.  None holds out a tenth with `early_stopping`, and
    nothing without.
n_iter_no_change : int >= 1, default=5
    Number of epochs without improvement after which `early_stopping` ends the training.
restore_best_weights : bool, default=True
    Whether `early_stopping` ends with the weights of the epoch of the lowest validation loss,
    rather than of the last epoch.
callbacks : keras.callbacks.Callback, list, tuple, dict or None, default=None
    Keras callbacks, or classes of them with parameters set as ``callbacks__patience``.  Every fit
    uses fresh copies, which share what an instance was given: a trial, a list, a stream.
class_weight : dict, "balanced" or None, default=None
    Weights of the classes as ``{label: weight}``, classes left out weighing one; "balanced"
    weighs them inversely to their frequency.  Multiplied with ``sample_weight``; validation data
    are not weighed.
augmentation : Augmentation, keras.layers.Layer or None, default=None
    Random changes to the training images, drawn anew in every epoch; validation and prediction
    see images as they are.  An :class:`~skmnist.Augmentation`, whose parameters are searched as
    ``augmentation__rotation`` and so on; or a Keras layer or model from images to images, of
    which every fit uses a copy.  With MixUp and CutMix labels are blended too.
jit_compile : bool, default=False
    Whether XLA compiles the training step.  That takes seconds, once for a network, and draws other
    random numbers for dropout; on processors without an accelerator it rarely pays.
dtype_policy : str or None, default=None
    Name of the Keras dtype policy of the network's layers, such as "mixed_bfloat16", which is
    faster where the processor has instructions for it, and less precise; None for Keras's own
    setting, usually "float32".
warm_start : bool, default=False
    Whether :meth:`fit` goes on from the weights, optimizer and history of the previous fit
    instead of starting anew.
image_shape : tuple of int or None, default=None
    Height and width, or height, width and channels, of the images that the rows of X hold.  None
    takes the shape of X where X holds images, and folds rows into the square they fit; a number
    of features that is no square is padded with zeros up to the next one.
pixel_range : {"auto", "unit", "as-is"} or (black, white), default={pixel_range}
    Range of the pixels of X; the network sees black as 0 and white as 1.  "auto" learns it in
    ``fit``: white is 1 for fractions, Booleans, and pixels that are all 0 and 1; 255 for other
    bytes (uint8); and for whole numbers of any other type the smallest of 16, 255 and 65535 that
    is not below the largest.  Data with negative values, and numbers that are not whole and reach
    2 but not 16, are taken as they are.  A row of only fractions, later on, is taken for scaled
    already.  A network of your own that is found to rescale its input gets what it was made for;
    "unit" does not look for that.  A pair of numbers states the range, and nothing is guessed;
    "as-is" scales nothing.
random_state : int, RandomState instance or None, default=None
    Seed of initial weights, order of samples, dropout, augmentation and held-out samples.  Pass
    an int for identical results in every fit.  Global generators are left as they are.
verbose : bool or int in [0, 2], default=0
    0 prints nothing, 1 or 2 one line per epoch.
"""

_ATTRIBUTES = """
classes_ : ndarray of shape (n_classes,)
    Class labels, sorted.
model_ : keras.Model
    The fitted model.
history_ : dict of str to list of float
    Loss, metrics, and ``val_`` of both where there was validation, after each epoch.
loss_curve_ : list of float
    Training loss after each epoch.
validation_loss_curve_ : list of float
    Validation loss after each epoch; only with validation.
n_iter_ : int
    Number of epochs trained.
image_shape_ : tuple of int of shape (3,)
    Height, width and channels of the images.
pixel_range_ : tuple of float (black, white) or "as-is"
    Range of the pixels in the training data; white is 1 for data that were scaled before.
n_features_in_ : int
    Number of pixels, channels included.
feature_names_in_ : ndarray of shape (n_features_in_,)
    Names of the columns of X, where it had names that are strings.
"""

_AUTOENCODER_PARAMETERS = """
latent_dim : int >= 1, default={latent_dim}
    Number of codes that an image is pressed into.
contamination : float in (0, 0.5], default={contamination}
    Share of the training images that are to be taken for outliers: the threshold is the score
    that so many of them have at most.
hidden_layer_sizes : sequence of int >= 1, default={hidden_layer_sizes}
    Number of units of each dense layer between image and codes, and in reverse between codes and
    image.  Not used with `convolutional`.
convolutional : bool, default=False
    Whether to use strided convolutions in place of the dense layers.
filters : sequence of int >= 1, default={filters}
    Number of filters of each 3 x 3 convolution, which halves height and width.  Only used with
    `convolutional`.
activation : str or callable, default={activation}
    Keras activation of the hidden layers.
output_activation : str, callable or None, default={output_activation}
    Keras activation of the reconstruction, whose pixels are scaled to [0, 1]; None for linear.
    The loss "binary_crossentropy" needs "sigmoid".
noise : float in [0, 1], default={noise}
    How much noise the training images get before they enter the network, which is to rebuild the
    clean ones: the standard deviation of Gaussian noise on pixels scaled to [0, 1], or the
    fraction of the pixels that salt and pepper replaces.
noise_type : {"gaussian", "salt-and-pepper"}, default={noise_type}
    Kind of noise.
variational : bool, default=False
    Whether codes are drawn, in training, from a normal distribution of learned mean and variance,
    so that draws from N(0, 1) are decoded to images like those of the training set.
kl_weight : float >= 0, default={kl_weight}
    Weight of the Kullback-Leibler divergence in the loss.  With the loss "binary_crossentropy", 1
    makes it the negative evidence lower bound; with "mean_squared_error", 2 s**2 does if s is the
    standard deviation of a pixel around its reconstruction.  Only used with `variational`.
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
