// Sends one file with tus-js-client; prints what became of it as one line of JSON.
import fs from "node:fs";
import * as tus from "tus-js-client";

const asked = JSON.parse(process.argv[2]);
const headers = { Authorization: `Bearer ${asked.secret}` };
const seen = { created: 0, patched: 0, sent: 0 };

const upload = new tus.Upload(fs.createReadStream(asked.file), {
  endpoint: asked.endpoint,
  headers,
  metadata: asked.metadata,
  uploadSize: fs.statSync(asked.file).size,
  chunkSize: asked.chunk,
  retryDelays: Array(asked.retries).fill(asked.delay_ms),
  uploadDataDuringCreation: asked.during_creation,
  onBeforeRequest(request) {
    if (request.getMethod() === "POST") seen.created += 1;
    if (request.getMethod() === "PATCH") seen.patched += 1;
  },
  onChunkComplete(size) {
    seen.sent += size;
  },
  onError(error) {
    const status = error.originalResponse?.getStatus() ?? null;
    console.log(JSON.stringify({ ok: false, status, error: String(error), ...seen }));
    process.exitCode = 1;
  },
  onSuccess() {
    console.log(JSON.stringify({ ok: true, url: upload.url, ...seen }));
  },
});
upload.start();
