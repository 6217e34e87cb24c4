import gzip
import io
import struct
import sys

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from sklearn.neighbors import KNeighborsClassifier

from skmnist.datasets import load_mnist_sample
from skmnist.pictures import Picture, read_pictures, to_mnist, to_shape

SAMPLE = load_mnist_sample()
seeds = st.integers(0, 2**32 - 1)


def random_picture(seed, height, width, dtype, channels):
    """Return anything at all: noise of some density, of any type."""
    rng = np.random.default_rng(seed)
    shape = (height, width, channels) if channels else (height, width)
    pixels = rng.integers(0, 256, shape) * (rng.random(shape) < rng.random())
    if dtype in ("float32", "float64"):
        return (pixels / rng.choice([1, 16, 255])).astype(dtype)
    return (pixels * (257 if dtype == "uint16" else 1)).astype(dtype)


@st.composite
def strokes(draw, smallest=20):
    """Return light lines on black, with a black margin, and at least so large."""
    side = draw(st.integers(smallest + 12, 120))
    places = st.tuples(st.integers(6, side - 7), st.integers(6, side - 7))
    points = draw(st.lists(places, min_size=2, max_size=6, unique=True))
    rows, columns = zip(*points, strict=True)
    assume(max(np.ptp(rows), np.ptp(columns)) >= smallest)
    image = Image.new("L", (side, side))
    ImageDraw.Draw(image).line(points, fill=draw(st.integers(60, 255)), width=3)
    return np.asarray(image)


# What always holds.


@given(
    seed=seeds,
    height=st.integers(1, 200),
    width=st.integers(1, 200),
    dtype=st.sampled_from(["bool", "uint8", "uint16", "int64", "float32", "float64"]),
    channels=st.sampled_from([None, 1, 2, 3, 4]),
    inverts=st.sampled_from(["auto", True, False]),
    keep=st.booleans(),
)
def test_any_picture_becomes_an_image(seed, height, width, dtype, channels, inverts, keep):
    picture = random_picture(seed, height, width, dtype, channels)
    before = picture.copy()
    fitted = to_mnist(picture, invert=inverts, keep=keep)
    assert fitted.pixels.shape == (28, 28)
    assert fitted.pixels.dtype == np.uint8
    assert np.array_equal(fitted.steps[-1].pixels, fitted.pixels)
    assert fitted.is_blank == (not fitted.pixels.any())
    assert np.array_equal(picture, before)
    resized = to_shape(picture, shape=(8, 9), invert=inverts)
    assert resized.pixels.shape == (8, 9) and resized.pixels.dtype == np.uint8


@given(strokes())
def test_inversion_changes_nothing(picture):
    assert np.array_equal(to_mnist(255 - picture).pixels, to_mnist(picture).pixels)


@given(strokes(), st.lists(st.integers(0, 60), min_size=4, max_size=4), st.integers(0, 255))
def test_margins_change_nothing(picture, margins, level):
    top, bottom, left, right = margins
    padded = np.pad(picture, ((top, bottom), (left, right)))
    assert np.array_equal(to_mnist(padded).pixels, to_mnist(picture).pixels)
    # Nor does the level of what is around the picture's own white.
    grey = np.full((picture.shape[0] + 8, picture.shape[1] + 8), level, dtype=np.float64)
    grey[4:-4, 4:-4] += picture / 2 * (1 if level < 128 else -1)
    difference = to_mnist(grey / 255).pixels.astype(int) - to_mnist(picture).pixels
    assert np.abs(difference).max() <= 12


@given(strokes(), st.integers(2, 6))
def test_enlarging_changes_nothing(picture, factor):
    enlarged = np.kron(picture, np.ones((factor, factor), dtype=np.uint8))
    difference = to_mnist(enlarged).pixels.astype(int) - to_mnist(picture).pixels
    assert np.abs(difference).max() <= 1


@given(strokes())
def test_twice_is_nearly_once(picture):
    once = to_mnist(picture).pixels
    difference = to_mnist(once).pixels.astype(int) - once
    assert np.abs(difference).mean() < 8


@given(strokes(), st.integers(8, 60), st.integers(8, 60))
def test_characters_fit_the_box_and_are_centred(picture, height, width):
    box = min(height, width) // 2
    image = to_mnist(picture, shape=(height, width), box=box).pixels
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    # The outermost row may have rounded to zero.
    assert max(np.ptp(rows), np.ptp(columns)) + 1 in (box - 1, box)
    weights = image.astype(float)
    for axis, side in enumerate((height, width)):
        centre = (weights.sum(axis=1 - axis) @ np.arange(side)) / weights.sum()
        assert abs(centre - side / 2) <= max(0.6, box / 2 - (side - box) / 2)


# MNIST itself.


def test_mnist_is_left_as_it_is():
    kept = [to_mnist(image) for image in SAMPLE.images[:500]]
    same = [
        np.array_equal(fitted.pixels, image)
        for fitted, image in zip(kept, SAMPLE.images[:500], strict=True)
    ]
    assert all(same)
    assert "as it is" in kept[0].explain()


@pytest.mark.slow("reads many pictures")
def test_enlarged_inverted_shifted_and_noisy_digits_are_read_as_well():
    model = KNeighborsClassifier(3).fit(SAMPLE.data[:3000], SAMPLE.target[:3000])
    images, labels = SAMPLE.images[3000:3400], SAMPLE.target[3000:3400]
    rng = np.random.default_rng(0)

    def photograph(image):
        page = np.zeros((240, 240))
        row, column = rng.integers(0, 100, 2)
        page[row : row + 140, column : column + 140] = np.kron(image, np.ones((5, 5)))
        light = np.linspace(-40, 0, 240)
        noisy = 235 - 0.7 * page + light + rng.normal(0, 6, page.shape)
        return np.clip(noisy, 0, 255).astype(np.uint8)

    read = np.stack([to_mnist(photograph(image)).pixels for image in images])
    as_they_are = model.score(images.reshape(len(images), -1), labels)
    assert as_they_are > 0.9
    assert model.score(read.reshape(len(read), -1), labels) > as_they_are - 0.02
    assert np.abs(read.astype(int) - images).mean() < 3


def test_images_of_data_sets_are_kept_wherever_they_stand():
    image = np.zeros((28, 28), dtype=np.uint8)
    image[2:6, 3:9] = 90
    assert np.array_equal(to_mnist(image, keep=True).pixels, image)
    assert not np.array_equal(to_mnist(image).pixels, image)
    dark = 255 - image
    assert np.array_equal(to_mnist(dark, keep=True).pixels, to_mnist(image).pixels)


# Blank pictures, noise, light.


@pytest.mark.parametrize("level", [0, 7, 128, 255])
def test_blank_picture(level):
    fitted = to_mnist(np.full((40, 30), level, dtype=np.uint8))
    assert fitted.is_blank and not fitted.pixels.any()
    assert fitted.steps[-1].name == "blank"
    assert "no ink" in fitted.explain()


def test_noise_is_no_ink():
    noise = np.random.default_rng(0).normal(200, 5, (150, 150))
    assert to_mnist(noise.clip(0, 255).astype(np.uint8)).is_blank
    gradient = np.linspace(60, 220, 150)[np.newaxis] + noise - 200
    assert to_mnist(gradient.clip(0, 255).astype(np.uint8)).is_blank


def test_specks_are_dropped():
    picture = np.zeros((100, 100), dtype=np.uint8)
    picture[40:60, 45:55] = 255
    clean = to_mnist(picture)
    picture[5, 90] = picture[95, 3] = 255
    specked = to_mnist(picture)
    assert np.array_equal(specked.pixels, clean.pixels)
    assert "2 specks dropped" in specked.explain()


def test_large_picture_is_reduced():
    small = np.zeros((120, 90), dtype=np.uint8)
    small[30:80, 40:50] = 200
    large = np.kron(small, np.ones((20, 20), dtype=np.uint8))
    fitted = to_mnist(large)
    assert "reduced to" in fitted.explain()
    assert np.abs(fitted.pixels.astype(int) - to_mnist(small).pixels).mean() < 3


# Colours, transparency, parameters.


def test_grey_is_luminance():
    for colour, level in [((255, 0, 0), 76), ((0, 255, 0), 150), ((0, 0, 255), 29)]:
        picture = np.full((28, 28, 3), colour, dtype=np.uint8)
        assert abs(int(to_shape(picture).pixels[0, 0]) - level) <= 1


def test_transparency_is_white():
    picture = np.zeros((60, 60, 4), dtype=np.uint8)  # black, where there is anything
    picture[20:40, 28:32, 3] = 255
    opaque = np.full((60, 60), 255, dtype=np.uint8)
    opaque[20:40, 28:32] = 0
    assert np.array_equal(to_mnist(picture).pixels, to_mnist(opaque).pixels)
    assert np.array_equal(to_mnist(picture[..., [0, 3]]).pixels, to_mnist(opaque).pixels)
    assert "transparency over white" in to_mnist(picture).explain()


@pytest.mark.parametrize("white", [1, 16, 255, 65535])
def test_white_by_range(white):
    picture = np.zeros((28, 28))
    picture[0, 0] = white
    assert to_shape(picture).pixels.max() == 255


def test_invert_can_be_told():
    picture = np.full((40, 40), 255, dtype=np.uint8)
    picture[15:25, 15:25] = 0
    assert to_mnist(picture, invert=True).pixels.any()
    assert to_mnist(picture, invert=False).is_blank
    assert to_shape(picture, invert=True).pixels[0, 0] == 0
    assert to_shape(picture).pixels[0, 0] == 255


def test_resizing_keeps_proportions_and_fills_with_the_border():
    picture = np.full((100, 50), 200, dtype=np.uint8)
    picture[40:60] = 20
    image = to_shape(picture).pixels
    assert (image[:, 0] == 200).all()
    assert image[14, 14] == 20 and image[14, 2] == 200


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ({"shape": 28}, "'shape' parameter of to_mnist must be two integers"),
        ({"shape": (28, 0)}, "'shape' parameter of to_mnist must be two integers"),
        ({"box": 29}, "'box' parameter of to_mnist must be an integer from 1 to 28"),
        ({"box": True}, "'box' parameter of to_mnist must be an integer"),
        ({"invert": "yes"}, "'invert' parameter of to_mnist must be 'auto', True or False"),
    ],
)
def test_wrong_parameters(parameters, told):
    with pytest.raises(ValueError, match=told):
        to_mnist(np.eye(9), **parameters)


@pytest.mark.parametrize(
    ("picture", "told"),
    [
        (np.zeros(5), "must have the shape"),
        (np.zeros((2, 3, 5)), "must have the shape"),
        (np.zeros((0, 5)), "no pixels"),
        (np.full((2, 2), np.nan), "finite"),
        (-np.eye(3), "at least 0"),
        (np.eye(3) * 1j, "real numbers"),
        (np.array([["a"]]), "real numbers"),
    ],
)
def test_no_picture(picture, told):
    with pytest.raises(ValueError, match=told):
        to_mnist(picture)


# Files.


def seven(mode="L"):
    image = Image.new("L", (60, 80), 255)
    ImageDraw.Draw(image).line([(10, 15), (50, 15), (25, 65)], fill=0, width=6)
    return image.convert(mode)


EXPECTED = to_mnist(np.asarray(seven())).pixels


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "I", "F"])
def test_modes_of_pillow(mode, tmp_path):
    suffix = {"CMYK": "jpg", "YCbCr": "jpg", "F": "tiff", "I": "tiff"}.get(mode, "png")
    seven(mode).save(tmp_path / f"seven.{suffix}")
    [picture] = read_pictures(tmp_path / f"seven.{suffix}")
    image = to_mnist(picture).pixels
    assert np.abs(image.astype(int) - EXPECTED).mean() < 4
    assert np.abs(to_mnist(seven(mode)).pixels.astype(int) - EXPECTED).mean() < 4


def test_palette_with_transparency(tmp_path):
    image = seven().convert("P")
    image.info["transparency"] = 255  # the white of the palette
    image.save(tmp_path / "seven.png", transparency=255)
    [picture] = read_pictures(tmp_path / "seven.png")
    assert picture.pixels.shape[2] == 4
    assert np.array_equal(to_mnist(picture).pixels, EXPECTED)


def test_sixteen_bits(tmp_path):
    Image.fromarray(np.asarray(seven()).astype(np.uint16) * 257).save(tmp_path / "seven.png")
    [picture] = read_pictures(tmp_path / "seven.png")
    assert np.array_equal(to_mnist(picture).pixels, EXPECTED)


def test_photograph_is_turned(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned
    seven().rotate(90, expand=True).save(tmp_path / "seven.png", exif=exif)
    [picture] = read_pictures(tmp_path / "seven.png")
    assert "turned" in picture.source
    assert np.array_equal(to_mnist(picture).pixels, EXPECTED)


def test_first_frame_of_animation(tmp_path):
    path = tmp_path / "two.gif"
    seven().save(path, save_all=True, append_images=[Image.new("L", (60, 80))])
    [picture] = read_pictures(path)
    assert "the first of 2 frames" in picture.source
    assert np.abs(to_mnist(picture).pixels.astype(int) - EXPECTED).mean() < 4


def array_bytes(kind):
    """Return a file of two images, by its kind."""
    images = SAMPLE.images[:2]
    file = io.BytesIO()
    if kind == "npy":
        np.save(file, images)
    elif kind == "npz":
        np.savez_compressed(file, x_test=images, y_test=[1, 2], x_train=images[:1])
    else:
        file.write(struct.pack(">4I", 0x803, *images.shape) + images.tobytes())
    return gzip.compress(file.getvalue()) if kind == "idx.gz" else file.getvalue()


@pytest.mark.parametrize("kind", ["npy", "npz", "idx", "idx.gz"])
def test_arrays(kind, tmp_path):
    path = tmp_path / "any-name"
    path.write_bytes(array_bytes(kind))
    pictures = read_pictures([path, path])
    assert len(pictures) == 4
    assert all(picture.is_array for picture in pictures)
    assert np.array_equal(np.stack([p.pixels for p in pictures[:2]]), SAMPLE.images[:2])
    assert pictures[1].name.endswith("[1]")


def test_shapes_of_arrays(tmp_path):
    def shapes(array, **options):
        np.save(tmp_path / "a.npy", array)
        return [p.pixels.shape for p in read_pictures(tmp_path / "a.npy", **options)]

    assert shapes(np.eye(9)) == [(9, 9)]
    assert shapes(np.zeros((5, 7, 3))) == [(5, 7, 3)]
    assert shapes(np.zeros((2, 5, 7))) == [(5, 7)] * 2
    assert shapes(np.zeros((2, 5, 7, 1))) == [(5, 7, 1)] * 2
    assert shapes(np.zeros((2, 64)), image_shape=(8, 8)) == [(8, 8)] * 2
    assert shapes(np.zeros((2, 64))) == [(2, 64)]
    with pytest.raises(ValueError, match="must be an image or several"):
        shapes(np.zeros(5))


def test_all_pixels_of_an_array_have_the_same_white(tmp_path):
    np.save(tmp_path / "a.npy", np.stack([np.full((5, 5), 100), np.full((5, 5), 1)]))
    levels = [int(p.pixels.max()) for p in read_pictures(tmp_path / "a.npy")]
    assert levels == [100, 1]


def test_npz_without_images(tmp_path):
    np.savez(tmp_path / "a.npz", y=[1, 2])
    with pytest.raises(ValueError, match=r"holds no array of images"):
        read_pictures(tmp_path / "a.npz")


def test_pickled_objects_are_refused(tmp_path):
    np.save(tmp_path / "a.npy", np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match=r"is not a readable NPY file"):
        read_pictures(tmp_path / "a.npy")


def test_programs_are_refused(tmp_path):
    seven().save(tmp_path / "seven.eps")
    with pytest.raises(ValueError, match="are programs"):
        read_pictures(tmp_path / "seven.eps")


def test_huge_picture_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr("skmnist.pictures._read._MAX_PIXELS", 1000)
    seven().save(tmp_path / "seven.png")
    with pytest.raises(ValueError, match="60 x 80 pixels, more than 1,000"):
        read_pictures(tmp_path / "seven.png")


def test_archive_that_unpacks_to_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("skmnist.pictures._read._MAX_BYTES", 1000)
    (tmp_path / "a.npz").write_bytes(array_bytes("npz"))
    with pytest.raises(ValueError, match="larger than 1,000 bytes"):
        read_pictures(tmp_path / "a.npz")


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nothing\.png"):
        read_pictures(tmp_path / "nothing.png")


@pytest.mark.parametrize("content", [b"", b"hello"])
def test_no_picture_file(content, tmp_path):
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(ValueError, match=r"a\.png"):
        read_pictures(tmp_path / "a.png")


def test_missing_pillow(tmp_path, monkeypatch):
    seven().save(tmp_path / "seven.png")
    (tmp_path / "two.npy").write_bytes(array_bytes("npy"))
    monkeypatch.setitem(sys.modules, "PIL", None)
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    with pytest.raises(ImportError, match=r'pip install "skmnist\[cli\]"'):
        read_pictures(tmp_path / "seven.png")
    assert len(read_pictures(tmp_path / "two.npy")) == 2


def picture_bytes(kind):
    file = io.BytesIO()
    seven("RGB").save(file, kind)
    return file.getvalue()


FILES = [picture_bytes(kind) for kind in ("PNG", "JPEG", "GIF", "TIFF", "BMP", "WEBP")]
FILES += [array_bytes(kind) for kind in ("npy", "npz", "idx", "idx.gz")]


@given(
    content=st.sampled_from(FILES),
    seed=seeds,
    n_changed=st.integers(0, 20),
    share=st.floats(0, 1),
)
def test_damaged_files_are_read_or_refused(content, seed, n_changed, share, tmp_path_factory):
    rng = np.random.default_rng(seed)
    damaged = bytearray(content)
    for place in rng.integers(0, min(len(damaged), 400), n_changed):
        damaged[place] = rng.integers(0, 256)
    path = tmp_path_factory.getbasetemp() / "damaged"
    path.write_bytes(damaged[: int(share * len(damaged))] if rng.random() < 0.5 else damaged)
    try:
        pictures = read_pictures(path)
    except ValueError as error:
        assert "damaged" in str(error)
    else:
        assert all(isinstance(picture, Picture) for picture in pictures)
        for picture in pictures[:3]:
            assert to_mnist(picture).pixels.shape == (28, 28)


# Light strokes on transparency.


STROKE = [(80, 60), (200, 60), (120, 230)]


def stroke_on(mode, colour, background):
    image = Image.new(mode, (280, 280), background)
    ImageDraw.Draw(image).line(STROKE, fill=colour, width=24)
    return image


def as_mode(image, mode):
    """Return an RGBA picture in another mode with transparency, or as an array."""
    if mode == "P":
        palette = Image.new("P", image.size, 0)
        colour = image.getpixel(STROKE[0])
        palette.putpalette([0, 0, 0, *colour[:3]])
        palette.paste(1, mask=image.getchannel("A").point(lambda level: 255 * (level > 127)))
        palette.info["transparency"] = 0
        return palette
    if mode == "array":
        return np.asarray(image)
    if mode == "fractions":
        return np.asarray(image) / 255
    return image.convert(mode)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "La", "RGBa", "PA", "P", "array", "fractions"])
@pytest.mark.parametrize("light", [(255, 255, 255), (250, 240, 150), (160, 160, 160)])
def test_light_strokes_on_transparency(mode, light):
    source = stroke_on("RGBA", (*light, 255), (0, 0, 0, 0))
    if mode == "La":  # Pillow has no other way there
        source = source.convert("LA")
    fitted = to_mnist(as_mode(source, mode))
    assert not fitted.is_blank
    expected = to_mnist(stroke_on("L", 0, 255)).pixels
    assert np.abs(fitted.pixels.astype(int) - expected).max() <= 1
    resized = to_shape(as_mode(source, mode)).pixels.astype(int)
    assert np.abs(resized - to_shape(stroke_on("L", 255, 0)).pixels).max() <= 1


def test_soft_edges_on_transparency():
    hard = np.asarray(stroke_on("L", 255, 0))
    soft = np.asarray(Image.fromarray(hard).resize((140, 140), Image.Resampling.BILINEAR))
    white = np.where(soft > 0, 255, 0).astype(np.uint8)
    rgba = np.stack([white, white, white, soft], axis=-1)
    assert np.array_equal(to_mnist(rgba).pixels, to_mnist(soft).pixels)
    # Colours of what is hardly opaque are anything.
    rgba[..., :3] = np.where(soft[..., None] < 100, 7, 255)
    assert np.array_equal(to_mnist(rgba).pixels, to_mnist(soft).pixels)


def test_dark_strokes_on_transparency_as_ever():
    image = stroke_on("RGBA", (0, 0, 0, 255), (255, 255, 255, 0))
    assert np.array_equal(to_mnist(image).pixels, to_mnist(stroke_on("L", 0, 255)).pixels)
    assert "transparency over white" in to_mnist(image).explain()
    # Paper that is opaque, with transparent corners, is paper.
    paper = np.asarray(stroke_on("L", 200, 250))
    opacity = np.full_like(paper, 255)
    opacity[:9, :9] = 0
    fitted = to_mnist(np.stack([paper, opacity], axis=-1))
    assert np.array_equal(fitted.pixels, to_mnist(stroke_on("L", 200, 250)).pixels)


@pytest.mark.parametrize("colour", [0, 255])
def test_nothing_but_transparency_is_blank(colour):
    image = Image.new("LA", (40, 40), (colour, 0))
    for fitted in (to_mnist(image), to_shape(image), to_shape(image, shape=(40, 40))):
        assert fitted.is_blank and not fitted.pixels.any()
        assert "transparent" in fitted.explain()


# IDX files of EMNIST, and of other types.


def test_emnist_files_are_read_upright(tmp_path):
    images = SAMPLE.images[:3]
    content = struct.pack(">4I", 0x803, *images.shape) + images.swapaxes(1, 2).tobytes()
    path = tmp_path / "EMNIST-letters-test-images.idx3-ubyte.gz"
    path.write_bytes(gzip.compress(content))
    pictures = read_pictures(path)
    assert np.array_equal([picture.pixels for picture in pictures], images)
    assert "EMNIST" in pictures[0].source
    other = tmp_path / "letters-images"
    other.write_bytes(content)
    assert np.array_equal(read_pictures(other)[0].pixels, images[0].T)


def test_idx_of_floats_is_a_picture(tmp_path):
    images = (SAMPLE.images[:2] / 255).astype(">f4")
    path = tmp_path / "images"
    path.write_bytes(struct.pack(">4I", 0xD03, *images.shape) + images.tobytes())
    read = np.stack([picture.pixels for picture in read_pictures(path)])
    assert np.array_equal(read, SAMPLE.images[:2])
