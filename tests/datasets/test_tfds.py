"""Data sets of TensorFlow Datasets, from small ones that are written here."""

import importlib.util
import subprocess
import sys

import numpy as np
import pytest

from skmnist.datasets import fetch_emnist, fetch_mnist, fetch_tfds, load_npz

# Not importorskip, which would load TensorFlow in every process that collects tests.
pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("tensorflow_datasets") is None, reason="needs tensorflow-datasets"
)


@pytest.fixture(scope="module")
def tfds():
    from skmnist._keras import start

    start()
    import tensorflow_datasets

    tensorflow_datasets.disable_progress_bar()
    return tensorflow_datasets


@pytest.fixture
def store(tfds, tmp_path):
    """Write a data set as TensorFlow Datasets does; {split: (images, labels)}."""

    def store(data, *, name="tiny", image=None, label=None, shuffled=False, **more):
        shape = data["train"][0].shape[1:]
        shape = shape if len(shape) == 3 else (*shape, 1)
        features = {
            "image": image or tfds.features.Image(shape=shape),
            "label": label or tfds.features.ClassLabel(num_classes=10),
        }
        return tfds.dataset_builders.store_as_tfds_dataset(
            name,
            "1.0.0",
            features=tfds.features.FeaturesDict(features),
            split_datasets={
                split: [
                    (key, {"image": pixels.reshape(*pixels.shape[:2], -1), "label": int(target)})
                    for key, (pixels, target) in enumerate(zip(images, labels, strict=True))
                ]
                for split, (images, labels) in data.items()
            },
            data_dir=tmp_path / "tfds",
            disable_shuffling=not shuffled,
            **more,
        )

    return store


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "tfds"


@pytest.mark.slow("writes a data set of TensorFlow")
def test_what_was_stored(make, store, folder, tfds):
    data = make.parts(size=(5, 4))
    store(data, label=tfds.features.ClassLabel(names=list("abcdefghij")), description="Tiny ones.")
    for subset in ("train", "test"):
        bunch = fetch_tfds("tiny", subset=subset, data_home=folder)
        np.testing.assert_array_equal(bunch.images, data[subset][0])
        np.testing.assert_array_equal(bunch.target, data[subset][1])
    assert bunch.images.dtype == np.uint8
    assert bunch.target.dtype == np.int64
    assert np.shares_memory(bunch.data, bunch.images)
    assert bunch.target_names.tolist() == list("abcdefghij")
    assert bunch.feature_names[-1] == "pixel_4_3"
    assert bunch.frame is None
    assert "tiny/1.0.0" in bunch.DESCR and "Tiny ones." in bunch.DESCR
    assert "30 (train), 10 (test)" in bunch.DESCR


@pytest.mark.parametrize("subset", ["train", "test", "all"])
def test_same_as_the_npz(make, store, folder, tmp_path, subset):
    data = make.parts()
    store(data)
    path = tmp_path / "mnist.npz"
    path.write_bytes(make.npz_of(data))
    expected = load_npz(path, subset=subset)
    bunch = fetch_tfds("tiny", subset=subset, data_home=str(folder))
    np.testing.assert_array_equal(bunch.images, expected.images)
    np.testing.assert_array_equal(bunch.data, expected.data)
    np.testing.assert_array_equal(bunch.target, expected.target)
    assert bunch.feature_names == expected.feature_names
    X, y = fetch_tfds("tiny", subset=subset, data_home=folder, return_X_y=True)
    np.testing.assert_array_equal(X, expected.data)
    np.testing.assert_array_equal(y, expected.target)


def test_mnist_by_its_name_is_read_from_where_it_was_prepared(make, tfds, folder, monkeypatch):
    """The way of the tutorials, tfds.load(name="mnist"), with its builder fed from here."""
    data = make.parts()
    builder_class = tfds.builder_cls("mnist")
    monkeypatch.setattr(
        builder_class,
        "_split_generators",
        lambda self, _: [
            tfds.core.SplitGenerator(name=part, gen_kwargs={"part": part}) for part in data
        ],
    )
    monkeypatch.setattr(
        builder_class,
        "_generate_examples",
        lambda self, part: (
            (key, {"image": image[..., None], "label": label})
            for key, (image, label) in enumerate(zip(*data[part], strict=True))
        ),
    )
    monkeypatch.setattr("skmnist.datasets._tfds._check_connection", lambda *_: None)
    bunch = fetch_tfds("mnist", data_home=folder)
    loaded = tfds.load("mnist", data_dir=folder, as_supervised=True)
    for part in ("train", "test"):
        bunch = fetch_tfds("mnist", subset=part, data_home=folder, download_if_missing=False)
        pairs = list(tfds.as_numpy(loaded[part]))
        np.testing.assert_array_equal(bunch.images, [image[..., 0] for image, _ in pairs])
        np.testing.assert_array_equal(bunch.target, [label for _, label in pairs])
        # In the order that the library has shuffled them into.
        assert sorted(image.tobytes() for image in bunch.images) == sorted(
            image.tobytes() for image in data[part][0]
        )
    assert bunch.target_names.tolist() == list("0123456789")
    assert "handwritten digits" in bunch.DESCR


def test_all_ways_to_mnist_agree(make, store, home, folder, tmp_path, monkeypatch):
    """The cache of keras.datasets, a local mnist.npz, the four IDX files, TensorFlow Datasets."""
    import keras

    from skmnist._support import published

    data = make.parts()
    monkeypatch.setattr(published, "MNIST", make.tables(published.MNIST, data, []))
    cache = tmp_path / "home" / ".keras" / "datasets" / "mnist.npz"
    cache.parent.mkdir(parents=True)
    cache.write_bytes(make.npz_of(data))
    bunches = [fetch_mnist(subset="all", download_if_missing=False)]
    bunches.append(load_npz(cache))
    # Keras's own loader reads the same; it would download a file that is packed otherwise.
    load_data = keras.datasets.mnist.load_data
    monkeypatch.setattr(sys.modules[load_data.__module__], "get_file", lambda *_, **__: str(cache))
    for (images, labels), part in zip(load_data(), ("train", "test"), strict=True):
        np.testing.assert_array_equal(images, data[part][0])
        np.testing.assert_array_equal(labels, data[part][1])
    cache.unlink()
    monkeypatch.setenv("SKMNIST_DATA", str(tmp_path / "idx"))
    (tmp_path / "idx").mkdir()
    for name, content in make.idx_of(data, published.MNIST.idx_files).items():
        (tmp_path / "idx" / name).write_bytes(content)
    bunches.append(fetch_mnist(subset="all", download_if_missing=False))
    store(data)
    bunches.append(fetch_tfds("tiny", subset="all", data_home=folder))
    for bunch in bunches:
        np.testing.assert_array_equal(bunch.images[:30], data["train"][0])
        np.testing.assert_array_equal(bunch.images[30:], data["test"][0])
        np.testing.assert_array_equal(bunch.target, [*data["train"][1], *data["test"][1]])


def test_order_does_not_change(make, store, folder):
    store(make.parts(n_train=200), shuffled=True)
    first, second = (fetch_tfds("tiny", data_home=folder) for _ in range(2))
    np.testing.assert_array_equal(first.images, second.images)
    np.testing.assert_array_equal(first.target, second.target)


def test_more_images_than_are_read_at_once(make, store, folder):
    data = make.parts(n_train=2500, size=(2, 3))
    store(data)
    np.testing.assert_array_equal(fetch_tfds("tiny", data_home=folder).images, data["train"][0])


def test_files_are_read_one_after_another(make, store, folder, tfds):
    data = make.parts(n_train=200, size=(2, 3))
    store(data, download_config=tfds.download.DownloadConfig(num_shards=5))
    builder = tfds.builder("tiny", data_dir=folder)
    assert builder.info.splits["train"].num_shards == 5
    np.testing.assert_array_equal(fetch_tfds("tiny", data_home=folder).images, data["train"][0])


def test_channels(store, folder):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (6, 5, 4, 3)).astype(np.uint8)
    store({"train": (images, np.arange(6)), "test": (images[:2], [1, 2])})
    bunch = fetch_tfds("tiny", subset="all", data_home=folder)
    np.testing.assert_array_equal(bunch.images, np.concatenate([images, images[:2]]))
    np.testing.assert_array_equal(bunch.data, bunch.images.reshape(8, 60))
    assert bunch.feature_names[:4] == ["pixel_0_0_0", "pixel_0_0_1", "pixel_0_0_2", "pixel_0_1_0"]
    assert len(bunch.feature_names) == 60


def test_frame(make, store, folder):
    store(make.parts(size=(5, 4)))
    bunch = fetch_tfds("tiny", data_home=folder, as_frame=True)
    assert bunch.frame.shape == (30, 21)
    assert list(bunch.data.columns) == bunch.feature_names


def test_builder_of_the_user(make, store, folder):
    data = make.parts()
    builder = store(data)
    np.testing.assert_array_equal(fetch_tfds(builder, subset="test").images, data["test"][0])
    with pytest.raises(ValueError, match=r"data_home together with the name .*data_home='/here'"):
        fetch_tfds(builder, data_home="/here")


@pytest.fixture(scope="module")
def own(tfds):
    """A registered builder with configurations, many features and a split for validation."""

    class SkmnistOwnDigits(tfds.core.GeneratorBasedBuilder):
        VERSION = tfds.core.Version("1.0.0")
        BUILDER_CONFIGS = [
            tfds.core.BuilderConfig(name=name, version="1.0.0") for name in ("plain", "failing")
        ]

        def _info(self):
            return tfds.core.DatasetInfo(
                builder=self,
                features=tfds.features.FeaturesDict(
                    {
                        "id": tfds.features.Text(),
                        "mask": tfds.features.LabeledImage(labels=3, shape=(4, 4, 1)),
                        "digit": tfds.features.Image(shape=(4, 4, 1)),
                        "writer": np.int64,
                        "value": np.int32,
                    }
                ),
                supervised_keys=("digit", "value"),
            )

        def _split_generators(self, dl_manager):
            if self.builder_config.name == "failing":
                raise RuntimeError("the archive must be put there by hand")
            return {"train": self._generate_examples(6), "validation": self._generate_examples(3)}

        def _generate_examples(self, n):
            for i in range(n):
                pixels = np.full((4, 4, 1), 10 * i, np.uint8)
                yield (
                    i,
                    {
                        "id": str(i),
                        "mask": pixels // 100,
                        "digit": pixels,
                        "writer": 0,
                        "value": 5 + i % 2,
                    },
                )

    return SkmnistOwnDigits


@pytest.mark.usefixtures("own")
class TestOwnBuilder:
    name = "skmnist_own_digits"

    def test_prepared_when_missing(self, folder):
        with pytest.raises(OSError, match=r"1.0.0' is not prepared in .*download_if_missing` is F"):
            fetch_tfds(self.name, data_home=folder, download_if_missing=False)
        bunch = fetch_tfds(self.name, data_home=folder)
        assert sorted(bunch.images[:, 0, 0]) == [0, 10, 20, 30, 40, 50]
        np.testing.assert_array_equal(bunch.target, 5 + bunch.images[:, 0, 0] // 10 % 2)
        # Labels without names.
        assert bunch.target_names.tolist() == ["5", "6"]
        again = fetch_tfds(f"{self.name}/plain:1.0.0", data_home=folder, download_if_missing=False)
        np.testing.assert_array_equal(again.images, bunch.images)

    def test_other_split(self, folder):
        assert fetch_tfds(self.name, subset="validation", data_home=folder).images.shape[0] == 3

    @pytest.mark.parametrize("subset", ["test", "all"])
    def test_split_missing(self, folder, subset):
        message = rf"no split 'test', which subset='{subset}' needs. It has 'train', 'validation'"
        with pytest.raises(ValueError, match=message):
            fetch_tfds(self.name, subset=subset, data_home=folder)
        with pytest.raises(ValueError, match="Did you mean 'validation'"):
            fetch_tfds(self.name, subset="validatoin", data_home=folder)

    def test_cannot_be_prepared(self, folder):
        message = r"could not be downloaded and prepared there. RuntimeError: the archive must be"
        with pytest.raises(OSError, match=message) as caught:
            fetch_tfds(f"{self.name}/failing", data_home=folder)
        assert str(folder) in str(caught.value)

    def test_wrong_configuration(self, folder):
        message = r"configurations of .* are 'plain', 'failing', got 'plane'. Did you mean 'plain'"
        with pytest.raises(ValueError, match=message):
            fetch_tfds(f"{self.name}/plane", data_home=folder)


class TestEmnist:
    def test_upright_and_equal_to_fetch_emnist(self, make, store, home, folder, monkeypatch):
        from skmnist._support import published

        upright = make.parts()
        stored = {part: (x.transpose(0, 2, 1), y) for part, (x, y) in upright.items()}
        store(stored, name="emnist", config="digits")
        dataset = make.tables(published.EMNIST["digits"], upright, [])
        object.__setattr__(dataset, "sha256", {})
        monkeypatch.setattr(published, "EMNIST", {"digits": dataset})
        (home / "emnist").mkdir(parents=True)
        for name, content in make.idx_of(stored, dataset.idx_files).items():
            (home / "emnist" / name).write_bytes(content)
        expected = fetch_emnist("digits", subset="all", download_if_missing=False)
        bunch = fetch_tfds("emnist/digits:1.0.0", subset="all", data_home=folder)
        np.testing.assert_array_equal(bunch.images, expected.images)
        np.testing.assert_array_equal(bunch.target, expected.target)
        assert bunch.images.flags.c_contiguous

    def test_the_library_still_says_that_its_images_are_not_upright(self, tfds, folder):
        builder = tfds.builder("emnist/letters", data_dir=folder)
        assert "inverted horizontally and rotated 90 anti-clockwise" in builder.info.description
        # What the docstring says of it.
        assert builder.builder_config.train_examples == 88_800
        assert builder.info.features["label"].num_classes == 37


class TestRefused:
    def test_different_sizes(self, store, folder, tfds):
        images = [np.zeros((4, 4), np.uint8)] * 3 + [np.zeros((4, 5), np.uint8)]
        free = tfds.features.Image(shape=(None, None, 1))
        data = {"train": (np.empty(4, object), range(4))}
        data["train"][0][:] = images
        store(data, image=free)
        with pytest.raises(ValueError, match=r"tiny/1.0.0': all .* got 4 x 4 x 1 and 4 x 5 x 1 in"):
            fetch_tfds("tiny", data_home=folder)

    def test_free_sizes_that_agree(self, make, store, folder, tfds):
        data = make.parts(size=(5, 4))
        store(data, image=tfds.features.Image(shape=(None, None, 1)))
        np.testing.assert_array_equal(fetch_tfds("tiny", data_home=folder).images, data["train"][0])

    def test_splits_of_different_sizes(self, store, folder, tfds):
        data = {
            part: (np.zeros((2, 4, width), np.uint8), [0, 1])
            for part, width in (("train", 4), ("test", 5))
        }
        store(data, image=tfds.features.Image(shape=(None, None, 1)))
        with pytest.raises(ValueError, match=r"same size to be joined, got 4 x 4 and 4 x 5"):
            fetch_tfds("tiny", subset="all", data_home=folder)

    def test_images_without_a_class(self, store, folder, tfds):
        store(
            {"train": (np.zeros((2, 4, 4), np.uint8), [0, -1])},
            label=tfds.features.Scalar(dtype=np.int64),
        )
        with pytest.raises(ValueError, match=r"must have a class, got the label -1 in .*'train'"):
            fetch_tfds("tiny", data_home=folder)

    def test_16_bits(self, store, folder, tfds):
        store(
            {"train": (np.zeros((2, 4, 4), np.uint16), [0, 1])},
            image=tfds.features.Image(shape=(4, 4, 1), dtype=np.uint16, encoding_format="png"),
        )
        with pytest.raises(ValueError, match=r"must be of dtype uint8, got uint16 of .*'image'"):
            fetch_tfds("tiny", data_home=folder)

    @pytest.mark.parametrize(
        "name, lacking",
        [("iris", "images"), ("imdb_reviews", "images"), ("div2k", "one of each|class labels")],
    )
    def test_not_for_classification(self, folder, name, lacking):
        """Said before anything is downloaded."""
        with pytest.raises(
            ValueError, match=f"{name}.* is not an image class.*but lacks ({lacking})"
        ):
            fetch_tfds(name, data_home=folder)

    @pytest.mark.parametrize("name, near", [("mnits", "mnist"), ("fashion_mnst", "fashion_mnist")])
    def test_unknown_name(self, folder, name, near):
        message = f"no data set '{name}' in TensorFlow Datasets.*Did you mean '{near}'"
        with pytest.raises(ValueError, match=message) as caught:
            fetch_tfds(name, data_home=folder)
        assert len(str(caught.value)) < 500

    def test_unknown_name_like_one_in_the_folder(self, make, store, folder):
        store(make.parts(), name="my_digits")
        with pytest.raises(ValueError, match="Did you mean 'my_digits'"):
            fetch_tfds("my_digit", data_home=folder)

    @pytest.mark.parametrize("name", ["", "a b", "huggingface:mnist"])
    def test_impossible_names(self, folder, name):
        with pytest.raises(ValueError, match=f"no data set '{name}' in TensorFlow Datasets"):
            fetch_tfds(name, data_home=folder)

    @pytest.mark.parametrize(
        "name, why", [("mnist:99.0.0", "at version 99.0.0, only: "), ("mnist/", "builder name")]
    )
    def test_impossible_versions(self, folder, name, why):
        with pytest.raises(
            ValueError, match=f"'{name}' of Tens(.|\n)*cannot be loaded: (.|\n)*{why}"
        ):
            fetch_tfds(name, data_home=folder)

    @pytest.mark.parametrize("name", [None, 3, ["mnist"]])
    def test_wrong_type_of_name(self, name):
        with pytest.raises(TypeError, match=r"'name' parameter of fetch_tfds must .*Got"):
            fetch_tfds(name)

    @pytest.mark.parametrize("subset", [None, 3, ["train"]])
    def test_wrong_type_of_subset(self, subset):
        with pytest.raises(ValueError, match=r"'subset' parameter of fetch_tfds must .*Got"):
            fetch_tfds("mnist", subset=subset)


def test_no_network(folder, monkeypatch):
    # A proxy at port 9 of this computer, where nobody listens, is as good as no network.
    for variable in ("https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
    for variable in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(OSError, match=r"mnist/.*could not be downloaded: .*storage") as caught:
        fetch_tfds("mnist", data_home=folder)
    assert str(folder / "mnist") in str(caught.value)
    assert not folder.exists()


def test_not_installed(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow_datasets", None)
    with pytest.raises(ImportError, match=r'fetch_tfds .*pip install "skmnist\[tfds\]"'):
        fetch_tfds("mnist")


@pytest.mark.slow("starts Python anew")
def test_loaded_only_when_asked_for():
    code = (
        "import sys, skmnist.datasets;"
        "print(sorted({'keras', 'tensorflow', 'tensorflow_datasets'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.slow("starts TensorFlow in a fresh process")
def test_quiet(make, store, folder, monkeypatch):
    store(make.parts())
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
    code = f"from skmnist.datasets import fetch_tfds; fetch_tfds('tiny', data_home={str(folder)!r})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stderr == run.stdout == ""
