"""Pictures and files in an S3 store, as the settings configure it, against a server that refuses
whatever is not signed with the right key (`s3_stub`)."""

import json
import urllib.error
import urllib.request
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from tests.machines.s3_stub import PAGE, Stub
from tests.machines.servers import Machine, Visitor

pytestmark = pytest.mark.slow

KEY, SECRET = "imagine", "a secret of the store"


class Store(Stub):
    def __init__(self):
        super().__init__(KEY, SECRET, "media", "originals")
        self.client = client(self.url, SECRET)

    def names(self, bucket: str) -> set[str]:
        return set(self.buckets[bucket])


def client(url: str, secret: str):
    return boto3.client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=KEY,
        aws_secret_access_key=secret,
        config=Config(proxies={}),
    )


@pytest.fixture(scope="module")
def store():
    made = Store()
    made.start()
    yield made
    if not made.stopped:
        made.stop()


@pytest.fixture(scope="module")
def machine(store, tmp_path_factory):
    one = Machine(
        tmp_path_factory.mktemp("machine"),
        S3_BUCKET="media",
        S3_ORIGINALS_BUCKET="originals",
        S3_ENDPOINT_URL=store.url,
        S3_REGION="us-east-1",
        S3_ACCESS_KEY=KEY,
        S3_SECRET_KEY=SECRET,
        SECRET_KEY="s" * 60,
    )
    one.manage("migrate", "-v0")
    try:
        one.start()
        yield one
    finally:
        one.stop()


def run(machine: Machine, script: str):
    """Run a script as the site would, and return what its last line says."""
    return json.loads(
        machine.manage("shell", "--no-imports", "-c", f"import json\n{script}").splitlines()[-1]
    )


def unsigned(url: str) -> int:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        return opener.open(url, timeout=10).status
    except urllib.error.HTTPError as error:
        return error.code


def test_the_store_refuses_another_key(store):
    stranger = client(store.url, "another")
    with pytest.raises(stranger.exceptions.ClientError, match="SignatureDoesNotMatch"):
        stranger.list_objects_v2(Bucket="media")


def test_a_picture_is_kept_shown_replaced_and_removed(machine, store):
    made = run(
        machine,
        "from tests.factories.images import make_image\n"
        "image = make_image(width=1200, height=800)\n"
        "print(json.dumps([image.pk, image.original, image.paths()]))",
    )
    pk, original, paths = made
    assert original in store.names("originals")
    assert set(paths) <= store.names("media")
    assert any(path.endswith(".avif") for path in paths)
    # Never an address of its own: whoever has no key is refused.
    assert unsigned(f"{store.url}/originals/{original}") == 403
    for path in paths:
        head = store.client.head_object(Bucket="media", Key=path)
        ending = path.rpartition(".")[2]
        assert head["ContentType"] == f"image/{ending.replace('jpg', 'jpeg')}"
        assert head["CacheControl"] == "public, max-age=31536000, immutable"
    shown = Visitor().get_bytes(f"{machine.url}/media/{paths[0]}")
    assert shown == store.client.get_object(Bucket="media", Key=paths[0])["Body"].read()
    assert Visitor().get(f"{machine.url}/media/r/{'0' * 32}.jpg").status == 404
    replaced = run(
        machine,
        "from tests.factories.images import image_file\n"
        "from imagine_site.images.models import Image\n"
        "from imagine_site.images.normalise import normalise\n"
        f"image = Image.objects.get(pk={pk})\n"
        "image.replace(normalise(image_file(width=900, height=900, seed=5)))\nimage.save()\n"
        "print(json.dumps([image.original, image.paths()]))",
    )
    assert replaced[0] != original
    # What is published shows the former one, so both are there.
    assert {original, replaced[0]} <= store.names("originals")
    assert {*paths, *replaced[1]} <= store.names("media")
    run(
        machine,
        f"from imagine_site.images.models import Image\nImage.objects.get(pk={pk}).remove()\n"
        "print('true')",
    )
    assert store.names("originals").isdisjoint({original, replaced[0]})
    assert store.names("media").isdisjoint({*paths, *replaced[1]})


def test_a_picture_waits_for_its_form_and_what_nobody_came_back_for_is_swept(machine, store):
    kept = run(
        machine,
        "from django.core.files.storage import storages\n"
        "from tests.factories.images import image_file\n"
        "from imagine_site.images.uploads import Upload\n"
        "upload = Upload(file=image_file(seed=9))\nnote = upload.note\n"
        "again = Upload(note=note)\n"
        "same = again.normalised.digest == upload.normalised.digest\n"
        "path = again._note['path']\n"
        "Upload(file=image_file(seed=10)).note\n"
        "again.settled()\n"
        "print(json.dumps([same, path, storages['originals'].listdir('pending')[1]]))",
    )
    same, path, pending = kept
    assert same
    assert path.startswith("pending/")
    assert path not in store.names("originals")
    assert len(pending) == 1


def test_a_file_has_a_public_door_only_while_a_text_links_to_it(machine, store):
    pk, original, address = run(
        machine,
        "from tests.factories.files import make_file\n"
        "file = make_file()\n"
        "print(json.dumps([file.pk, file.original, file.get_absolute_url()]))",
    )
    assert original in store.names("originals")
    assert unsigned(f"{store.url}/originals/{original}") == 403
    assert Visitor().get(machine.url + address).status == 404
    run(
        machine,
        "from tests.factories.files import link\nfrom tests.factories.news import article\n"
        f"from imagine_site.files.models import File\nfile = File.objects.get(pk={pk})\n"
        "article(body_en=f'<p>See {link(file)}.</p>')\nprint('true')",
    )
    content = store.client.get_object(Bucket="originals", Key=original)["Body"].read()
    assert Visitor().get_bytes(machine.url + address) == content
    run(
        machine,
        "from imagine_site.publishing.actions import withdraw\nfrom news.models import Post\n"
        "withdraw(Post.objects.latest('pk'), language='en', by=None)\nprint('true')",
    )
    assert Visitor().get(machine.url + address).status == 404


def test_a_large_file_goes_in_parts_and_comes_back_whole(machine, store):
    name, same, size = run(
        machine,
        "import random\nfrom django.core.files.base import ContentFile\n"
        "from django.core.files.storage import storages\n"
        "content = random.Random(1).randbytes(20_000_000)\noriginals = storages['originals']\n"
        "name = originals.save('large/one.bin', ContentFile(content))\n"
        "with originals.open(name) as file:\n    same = file.read() == content\n"
        "print(json.dumps([name, same, originals.size(name)]))",
    )
    assert same
    assert size == 20_000_000
    assert store.requests.count(f"PUT /originals/{name}") > 1
    assert not store.uploads


def test_a_folder_is_listed_whole_over_several_answers(machine, store):
    wanted = {f"many/{number} é&+.txt" for number in range(2 * PAGE + 1)} | {"many/inside/one.txt"}
    for key in wanted:
        store.client.put_object(Bucket="originals", Key=key, Body=b"x")
    folders, files = run(
        machine,
        "from django.core.files.storage import storages\n"
        "print(json.dumps(storages['originals'].listdir('many')))",
    )
    assert folders == ["inside"]
    assert {f"many/{name}" for name in files} == wanted - {"many/inside/one.txt"}


def test_a_card_is_drawn_once_and_kept_in_the_store(machine, store):
    before = store.names("media")
    run(
        machine,
        "from imagine_site.components.cards import Card\n"
        "first, second = Card('A heart').url(), Card('A heart').url()\n"
        "print(json.dumps(first == second))",
    )
    assert len(store.names("media") - before) == 1


def test_nothing_lies_on_the_machine_s_own_disk(machine):
    folder = Path(machine.environ["VAR_DIR"])
    assert not [path for path in folder.rglob("*") if path.suffix in {".jpg", ".avif", ".pdf"}]


def test_another_host_may_serve_the_public_bucket(tmp_path):
    machine = Machine(
        tmp_path / "machine",
        S3_BUCKET="media",
        S3_ORIGINALS_BUCKET="originals",
        MEDIA_URL="https://media.example.org/media/",
        SECRET_KEY="s" * 60,
    )
    url, policy = run(
        machine,
        "from django.conf import settings\nfrom imagine_site.images.models import media_url\n"
        "policy = settings.CONTENT_SECURITY_POLICY['DIRECTIVES']['img-src']\n"
        "print(json.dumps([media_url('r/a.jpg'), policy[-1]]))",
    )
    assert url == "https://media.example.org/media/r/a.jpg"
    assert policy == "https://media.example.org"


def test_where_the_store_is_away_pages_are_served_and_soon(machine, store):
    """After all others: it does not come back."""
    address = run(
        machine,
        "from tests.factories.news import article\n"
        "edition = article(title_en='Without the store')\n"
        "print(json.dumps(edition.get_absolute_url()))",
    )
    store.stop()
    page = Visitor().get(machine.url + address)
    assert page.status == 200
    assert "Without the store" in page.body
    assert page.answered_at - page.asked_at < 10
    assert "The S3 store does not answer" in machine.log.read_text("utf-8")
    error, took = run(
        machine,
        "import time\nfrom tests.factories.images import make_image\nbegan = time.monotonic()\n"
        "try:\n    make_image()\nexcept OSError as error:\n"
        "    print(json.dumps([type(error).__name__, time.monotonic() - began]))",
    )
    assert error == "StoreAway"
    assert took < 10
