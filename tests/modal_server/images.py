"""Blobs, mounts, images and secrets."""

from __future__ import annotations

import hashlib
import re
import sys

from grpclib import GRPCError, Status
from modal_proto import api_pb2 as pb

from .records import Result
from .service import Service


class Images(Service):
    """Blobs, mounts, images and secrets."""

    # ---- blobs, mounts, images, secrets
    async def _BlobCreate(self, request):
        bid = self.world.new_id("bl")
        urls = pb.UploadUrlList(items=[f"{self.world.http}/blob/{bid}"])
        return pb.BlobCreateResponse(blob_ids=[bid], upload_urls=urls)

    async def _BlobGet(self, request):
        return pb.BlobGetResponse(download_url=f"{self.world.http}/blob/{request.blob_id}")

    async def _MountBatchedCheckExistence(self, request):
        missing = [s for s in request.sha256_hex_hashes if s not in self.world.files]
        return pb.MountBatchedCheckExistenceResponse(missing_sha256_hex_hashes=missing)

    async def _MountPutFile(self, request):
        kind = request.WhichOneof("data_oneof")
        if kind:
            self.world.files[request.sha256_hex] = (
                request.data if kind == "data" else self.world.blobs[request.data_blob_id]
            )
        return pb.MountPutFileResponse(exists=request.sha256_hex in self.world.files)

    async def _MountGetOrCreate(self, request):
        if request.deployment_name:  # Modal's own published mounts (its client library): nothing to do here
            mid = f"mo-{request.deployment_name}"
        else:
            mid = self.world.new_id("mo")
            self.world.mounts[mid] = list(request.files)
        meta = pb.MountHandleMetadata(content_checksum_sha256_hex=hashlib.sha256(mid.encode()).hexdigest())
        return pb.MountGetOrCreateResponse(mount_id=mid, handle_metadata=meta)

    async def _ImageGetOrCreate(self, request):
        key = request.image.SerializeToString(deterministic=True)
        iid = self.world.image_ids.setdefault(key, f"im-{len(self.world.image_ids) + 1}")
        cached = iid in self.world.images and not request.force_build
        self.world.images[iid] = request.image
        meta = pb.ImageMetadata(
            image_builder_version=request.builder_version,
            python_version_info=f"Python {sys.version_info[0]}.{sys.version_info[1]}",
        )
        return pb.ImageGetOrCreateResponse(
            image_id=iid, metadata=meta, result=Result(status=Result.GENERIC_STATUS_SUCCESS) if cached else None
        )

    async def _ImageJoinStreaming(self, request):
        self.world.builds.append(request.image_id)
        text = "\n".join(self.world.images[request.image_id].dockerfile_commands)
        for line in text.splitlines():
            yield pb.ImageJoinStreamingResponse(
                task_logs=[pb.TaskLogs(data=f"[fake build] {line}\n", file_descriptor=pb.FILE_DESCRIPTOR_STDOUT)]
            )
        bad = self.world.fail_build and re.search(self.world.fail_build, text)
        status = Result.GENERIC_STATUS_FAILURE if bad else Result.GENERIC_STATUS_SUCCESS
        yield pb.ImageJoinStreamingResponse(
            result=Result(status=status, exception="fake build failure" if bad else ""),
            metadata=pb.ImageMetadata(image_builder_version="2025.06"),
            eof=True,
        )

    async def _SecretGetOrCreate(self, request):
        T = pb.ObjectCreationType
        if request.object_creation_type in (
            T.OBJECT_CREATION_TYPE_EPHEMERAL,
            T.OBJECT_CREATION_TYPE_ANONYMOUS_OWNED_BY_APP,
        ):
            sid = self.world.new_id("st")
            self.world.secrets[sid] = dict(request.env_dict)
        elif request.object_creation_type == T.OBJECT_CREATION_TYPE_UNSPECIFIED:
            sid = self.world.secret_names.get(request.deployment_name)
            if sid is None:
                raise GRPCError(
                    Status.NOT_FOUND, f"Secret '{request.deployment_name}' not found in environment 'main'."
                )
            if missing := set(request.required_keys) - set(self.world.secrets[sid]):
                raise GRPCError(Status.FAILED_PRECONDITION, f"Secret is missing key(s): {', '.join(sorted(missing))}")
        else:
            sid = self.world.add_secret(request.deployment_name, dict(request.env_dict))
        meta = pb.SecretMetadata(name=request.deployment_name, keys=list(self.world.secrets[sid]))
        return pb.SecretGetOrCreateResponse(secret_id=sid, metadata=meta)
