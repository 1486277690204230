"""Puts, lists, gets and deletes files with boto3 or s3fs.

    python_client.py boto3|s3fs put FOLDER BUCKET PREFIX
    python_client.py boto3|s3fs list BUCKET PREFIX          one key a line
    python_client.py boto3|s3fs get BUCKET PREFIX FOLDER
    python_client.py boto3|s3fs delete BUCKET PREFIX

Endpoint, region and credentials are in the environment, under the names that boto3 reads.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


class Boto3:
    def __init__(self) -> None:
        import boto3

        self.client: Any = boto3.client("s3")

    def put(self, file: Path, bucket: str, key: str) -> None:
        disposition = f'attachment; filename="{file.name}"'
        self.client.upload_file(str(file), bucket, key, ExtraArgs={"ContentDisposition": disposition})

    def keys(self, bucket: str, prefix: str) -> list[str]:
        listings = [
            [
                entry["Key"]
                for page in self.client.get_paginator(name).paginate(Bucket=bucket, Prefix=prefix)
                for entry in page.get("Contents", [])
            ]
            for name in ("list_objects", "list_objects_v2")
        ]
        assert listings[0] == listings[1], "the two versions of listings differ"
        return listings[0]

    def get(self, bucket: str, key: str, file: Path) -> None:
        self.client.download_file(bucket, key, str(file))

    def delete(self, bucket: str, keys: list[str]) -> None:
        self.client.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys]})


class S3fs:
    def __init__(self) -> None:
        import s3fs

        self.files: Any = s3fs.S3FileSystem(endpoint_url=os.environ["AWS_ENDPOINT_URL_S3"])

    def put(self, file: Path, bucket: str, key: str) -> None:
        self.files.put_file(str(file), f"{bucket}/{key}")

    def keys(self, bucket: str, prefix: str) -> list[str]:
        self.files.invalidate_cache()
        found: list[str] = self.files.find(f"{bucket}/{prefix}")
        return [name.removeprefix(f"{bucket}/") for name in found]

    def get(self, bucket: str, key: str, file: Path) -> None:
        self.files.get_file(f"{bucket}/{key}", str(file))

    def delete(self, bucket: str, keys: list[str]) -> None:
        self.files.rm([f"{bucket}/{key}" for key in keys])


def put(client: Any, folder: str, bucket: str, prefix: str) -> None:
    for file in sorted(Path(folder).rglob("*")):
        if file.is_file():
            client.put(file, bucket, prefix + file.relative_to(folder).as_posix())


def show(client: Any, bucket: str, prefix: str) -> None:
    for key in client.keys(bucket, prefix):
        print(key)


def get(client: Any, bucket: str, prefix: str, folder: str) -> None:
    for key in client.keys(bucket, prefix):
        file = Path(folder) / key.removeprefix(prefix)
        file.parent.mkdir(parents=True, exist_ok=True)
        client.get(bucket, key, file)


def delete(client: Any, bucket: str, prefix: str) -> None:
    client.delete(bucket, client.keys(bucket, prefix))


ACTIONS: dict[str, Callable[..., None]] = {
    "put": put,
    "list": show,
    "get": get,
    "delete": delete,
}

if __name__ == "__main__":
    _, library, action, *rest = sys.argv
    ACTIONS[action]({"boto3": Boto3, "s3fs": S3fs}[library](), *rest)
