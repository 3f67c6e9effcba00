"""Looks for secrets in everything a run has left behind: bytes, text in tables, what is packed, what is encoded."""

import base64
import gzip
import io
import json
import re
import sqlite3
import zipfile
import zlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

ENCODED = re.compile(rb"[A-Za-z0-9+/]{400,}={0,2}")
ZSTD, GZIP, ZIP = b"\x28\xb5\x2f\xfd", b"\x1f\x8b", b"PK\x03\x04"


class Scanner:
    """Finds secrets whatever their case and encoding."""

    def __init__(self, secrets):
        self.needles = [(secret, needle) for secret in secrets for needle in forms(secret)]

    def in_bytes(self, data):
        data = ENCODED.sub(
            b" ", data
        ).lower()  # chance spells names in megabytes of base64: `opened` decodes it
        return sorted({secret for secret, needle in self.needles if needle in data})

    def in_file(self, path):
        found = {*self.in_bytes(path.read_bytes()), *self.in_bytes(str(path).encode())}
        for part in opened(path):
            found |= {*self.in_bytes(part)}
        return sorted(found)

    def below(self, root, skip):
        """Return {file: secrets} of every file below `root` that is not below `skip`."""
        files = [path for path in Path(root).rglob("*") if path.is_file() and skip not in path.parents]
        found = {path.relative_to(root).as_posix(): self.in_file(path) for path in files}
        return {name: secrets for name, secrets in found.items() if secrets}, len(files)


def forms(secret):
    """Give the bytes a secret may be written as, in lower case."""
    spelled = {
        secret,
        secret.lower(),
        secret.upper(),
        json.dumps(secret)[1:-1],
        json.dumps(secret.lower())[1:-1],
    }
    plain = {word.encode(code) for word in spelled for code in ("utf-8", "latin-1", "utf-16-le", "utf-16-be")}
    packed = set()
    for word in (secret.encode(), secret.lower().encode(), secret.encode("latin-1")):
        for shift in range(3):  # of three bytes four letters become: the secret may begin at each of them
            text = base64.b64encode(b"\0" * shift + word)
            packed.add(text[4 if shift else 0 : (shift + len(word)) // 3 * 4])
    return {form.lower() for form in plain | {text for text in packed if len(text) >= 8}}


def opened(path):
    """Yield what is inside a file that packs or encodes it."""
    data = path.read_bytes()
    if data[:4] == b"PAR1":
        yield from parquet_texts(path)
    elif data.startswith(b"SQLite format 3"):
        yield from sqlite_texts(path)
    elif data.startswith(ZIP):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield from (archive.read(name) for name in archive.namelist())
    elif data.startswith(GZIP):
        yield gzip.decompress(data)
    yield from unpacked(data)
    for found in ENCODED.finditer(data):
        whole = base64.b64decode(found[0][: len(found[0]) // 4 * 4])
        yield whole
        yield from unpacked(whole)


def parquet_texts(path):
    file = pq.ParquetFile(path)
    schemas = [file.schema_arrow.metadata or {}, file.metadata.metadata or {}]
    for metadata in schemas + [
        file.schema_arrow.field(i).metadata or {} for i in range(len(file.schema_arrow))
    ]:
        for key, value in metadata.items():
            yield key + b"\0" + value
            yield from unpacked(value)
    for name in file.schema_arrow.names:
        yield name.encode()
    for batch in file.iter_batches():
        for column in batch.columns:
            if not holds_numbers(column.type):
                yield repr(column.to_pylist()).encode()


def holds_numbers(kind):
    while pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        kind = kind.value_type
    return pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind)


def sqlite_texts(path):
    base = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        for (table,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for row in base.execute(f'SELECT * FROM "{table}"'):
                yield repr(row).encode()
    finally:
        base.close()


def unpacked(data):
    """Yield what begins with the mark of a packed stream anywhere in `data`."""
    for mark, unpack in ((ZSTD, unzstd), (GZIP, gunzip)):
        at = data.find(mark)
        while at >= 0:
            found = unpack(data[at:])
            if found:
                yield found
            at = data.find(mark, at + 1)


def unzstd(data):
    try:
        return pa.CompressedInputStream(pa.py_buffer(data), "zstd").read()
    except OSError:
        return b""


def gunzip(data):
    try:
        return zlib.decompressobj(31).decompress(data)
    except zlib.error:
        return b""
