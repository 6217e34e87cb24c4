"""Documentation of what all classifiers have in common, written once."""

COMMON_PARAMETERS = """
optimizer : str, keras.optimizers.Optimizer or subclass of it, default={optimizer}
    Keras optimizer: its name, its class, or an instance, of which every fit takes a copy without
    state.  Parameters of a name or class are set as ``optimizer__momentum`` and so on.
learning_rate : float > 0, keras.optimizers.schedules.LearningRateSchedule or None, default=None
    Learning rate of the optimizer.  None leaves it to the optimizer (0.001 for Adam).
loss : str, keras.losses.Loss or callable, default={loss}
    Keras loss.  Losses whose name begins with "sparse" are given class codes, all others one-hot
    rows.
metrics : list or tuple, default={metrics}
    Keras metrics to record in ``history_`` besides the loss.
epochs : int >= 1, default={epochs}
    Number of passes over the training data; the most there are when stopping early.
batch_size : int >= 1 or None, default=32
    Number of samples in a step.  None takes all of them in one step.
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
    uses fresh copies.
class_weight : dict, "balanced" or None, default=None
    Weights of the classes as ``{label: weight}``, classes left out weighing one; "balanced"
    weighs them inversely to their frequency.  Multiplied with ``sample_weight``; validation data
    are not weighed.
warm_start : bool, default=False
    Whether :meth:`fit` goes on from the weights, optimizer and history of the previous fit
    instead of starting anew.
image_shape : tuple of int or None, default=None
    Height and width, or height, width and channels, of the images that the rows of X hold.  None
    takes the shape of X where X holds images, and folds rows into the square they fit; a number
    of features that is no square is padded with zeros up to the next one.
random_state : int, RandomState instance or None, default=None
    Seed of initial weights, order of samples, dropout and held-out samples.  Pass an int for
    identical results in every fit.  Global generators are left as they are.
verbose : bool or int in [0, 2], default=0
    0 prints nothing, 1 or 2 one line per epoch.
"""

COMMON_ATTRIBUTES = """
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
n_features_in_ : int
    Number of pixels, channels included.
feature_names_in_ : ndarray of shape (n_features_in_,)
    Names of the columns of X, where it had names that are strings.
"""
