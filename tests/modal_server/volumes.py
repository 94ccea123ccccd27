"""Volumes: one folder of the host each."""

from __future__ import annotations

import shutil

from grpclib import GRPCError, Status
from modal_proto import api_pb2 as pb

from .service import Service

BLOCK = 8 * 1024 * 1024
"""Bytes of a block of a volume's file."""


class Volumes(Service):
    """Volumes: one folder of the host each."""

    # ---- volumes: one host directory each
    async def _VolumeGetOrCreate(self, request):
        vid = self.world.volume_names.get(request.deployment_name) if request.deployment_name else None
        if vid is None:
            if request.object_creation_type == pb.OBJECT_CREATION_TYPE_UNSPECIFIED:
                raise GRPCError(
                    Status.NOT_FOUND, f"Volume '{request.deployment_name}' not found in environment 'main'."
                )
            vid = self.world.new_id("vo")
            self.world.volume_versions[vid] = request.version or pb.VOLUME_FS_VERSION_V1
            self.world.volume_dir(vid).mkdir(parents=True)
            if request.deployment_name:
                self.world.volume_names[request.deployment_name] = vid
        meta = pb.VolumeMetadata(name=request.deployment_name, version=self.world.volume_versions[vid])
        return pb.VolumeGetOrCreateResponse(volume_id=vid, version=meta.version, metadata=meta)

    async def _VolumeHeartbeat(self, request): ...

    async def _VolumeReload(self, request):
        self.world.reloads[request.volume_id] += 1

    async def _VolumeCommit(self, request):
        self.world.commits[request.volume_id] += 1
        return pb.VolumeCommitResponse(skip_reload=True)

    def _write(self, request, path: str, data: bytes):
        p = self.world.volume_path(request.volume_id, path)
        if request.disallow_overwrite_existing_files and p.exists():
            raise GRPCError(Status.ALREADY_EXISTS, f"{path}: already exists (disallow_overwrite_existing_files=True)")
        p.parent.mkdir(parents=True, exist_ok=True)
        p.write_bytes(data)

    async def _VolumePutFiles(self, request):
        for f in request.files:
            self._write(request, f.filename, self.world.files[f.sha256_hex])

    async def _VolumePutFiles2(self, request):
        missing = []
        for i, f in enumerate(request.files):
            for j, b in enumerate(f.blocks):
                if b.contents_sha256.hex() not in self.world.files:
                    missing.append(
                        pb.VolumePutFiles2Response.MissingBlock(
                            file_index=i, block_index=j, put_url=f"{self.world.http}/block"
                        )
                    )
        if not missing:
            for f in request.files:
                parts = [self.world.files[b.contents_sha256.hex()] for b in f.blocks]
                data = b"".join(d.ljust(min(BLOCK, f.size - k * BLOCK), b"\0") for k, d in enumerate(parts))
                self._write(request, f.path, data)
        return pb.VolumePutFiles2Response(missing_blocks=missing)

    async def _list(self, request, cls):
        top = self.world.volume_path(request.volume_id, request.path)
        root = self.world.volume_dir(request.volume_id)
        if not top.exists():
            raise GRPCError(Status.NOT_FOUND, f"No such file or directory: {request.path}")
        hits = [top] if top.is_file() else sorted(top.rglob("*") if request.recursive else top.iterdir())
        T = pb.FileEntry.FileType
        entries = [
            pb.FileEntry(
                path=str(p.relative_to(root)),
                type=T.DIRECTORY if p.is_dir() else T.FILE,
                mtime=int(p.stat().st_mtime),
                size=0 if p.is_dir() else p.stat().st_size,
            )
            for p in hits
        ]
        yield cls(entries=entries)

    def _VolumeListFiles(self, request):
        return self._list(request, pb.VolumeListFilesResponse)

    def _VolumeListFiles2(self, request):
        return self._list(request, pb.VolumeListFiles2Response)

    async def _VolumeGetFile2(self, request):
        p = self.world.volume_path(request.volume_id, request.path)
        if not p.is_file():
            raise GRPCError(Status.NOT_FOUND, f"File not found: {request.path}")
        size = p.stat().st_size
        length = request.len or size - request.start
        n = -(-(request.start % BLOCK + length) // BLOCK) if length else 0
        rel = p.relative_to(self.world.volume_dir(request.volume_id)).as_posix()
        first = request.start // BLOCK
        urls = []
        for k in range(first, first + n):
            lo, hi = max(request.start, k * BLOCK), min(request.start + length, (k + 1) * BLOCK)
            urls.append(f"{self.world.http}/vol/{request.volume_id}/{lo}/{hi}/{rel}")
        return pb.VolumeGetFile2Response(get_urls=urls, size=size, start=request.start, len=length)

    async def _rm(self, request):
        p = self.world.volume_path(request.volume_id, request.path)
        if not p.exists():
            raise GRPCError(Status.NOT_FOUND, f"No such file or directory: {request.path}")
        shutil.rmtree(p) if p.is_dir() else p.unlink()

    _VolumeRemoveFile = _VolumeRemoveFile2 = _rm
