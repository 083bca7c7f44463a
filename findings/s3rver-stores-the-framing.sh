#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# s3rver 3.7.1 with @aws-sdk/client-s3 3.907.0 (npm; Node.js 18 or later): a stream is stored with its framing.
#
# Since early 2025 the SDK sends a stream, whose checksum isn't known beforehand, in aws-chunked encoding, with the
# checksum as a trailer. s3rver accepts the request, answers 200 and stores the chunk headers and the trailer as
# if they were data: 4096 bytes come back as 4140, which begin with "1000\r\n" and end with
#     x-amz-checksum-crc32:xxwAEQ==
# The same bytes sent as a buffer are stored correctly. Neither side reports an error.
#
# A test that uploads disk images to this server passes although the image is broken, or sends its author looking for
# a bug elsewhere. Compare the size and digest of what comes back, and set requestChecksumCalculation to
# WHEN_REQUIRED for servers that aren't Amazon's.

set -eu
export LC_ALL=C

changed() {
    echo "$0: not as described: $*" >&2
    exit 1
}

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"

timeout 300 npm install --silent --no-audit --no-fund --ignore-scripts --prefix . --cache "$dir/cache" \
    s3rver@3.7.1 @aws-sdk/client-s3@3.907.0 >/dev/null || exit 2

cat >try.mjs <<'EOF'
import S3rver from "s3rver";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { Readable } from "node:stream";

const server = new S3rver({
  port: 0, address: "127.0.0.1", silent: true, directory: "store", configureBuckets: [{ name: "disks" }],
});
const { port } = await server.run();
const client = new S3Client({
  endpoint: `http://127.0.0.1:${port}`, region: "us-east-1", forcePathStyle: true,
  credentials: { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" },
});
const data = Buffer.alloc(4096);
const bodies = { buffer: data, stream: Readable.from([data]) };
for (const [Key, Body] of Object.entries(bodies)) {
  const put = await client.send(new PutObjectCommand({ Bucket: "disks", Key, Body, ContentLength: data.length }));
  const got = await client.send(new GetObjectCommand({ Bucket: "disks", Key }));
  const bytes = Buffer.from(await got.Body.transformToByteArray());
  const text = bytes.toString("latin1").replaceAll("\0", "");
  console.log(Key, put.$metadata.httpStatusCode, bytes.length, JSON.stringify(text));
}
await server.close();
EOF
timeout 60 node try.mjs >answers 2>stderr || { cat stderr >&2; exit 2; }
cat answers
grep -q '^buffer 200 4096 ""$' answers || changed "a buffer is not stored as it is"
grep -q '^stream 200 4140 "1000.*x-amz-checksum-crc32:' answers || changed "a stream is stored otherwise"
echo "as described: 4096 bytes of a stream come back as 4140"
