// Sends pictures with tus-js-client. Takes one argument: {endpoint, token, submission, files: [{path, sha256}]} as JSON.
// Ends with 0 when the client believes that all of them arrived, and with 1 and its reason otherwise.
import { createReadStream, statSync } from 'node:fs'
import { Upload } from 'tus-js-client'

const job = JSON.parse(process.argv[2])

function send({ path, sha256 }) {
  return new Promise((resolve, reject) => {
    const upload = new Upload(createReadStream(path), {
      endpoint: job.endpoint,
      chunkSize: 64 * 1024,
      uploadSize: statSync(path).size,
      retryDelays: Array(40).fill(20),
      headers: { Authorization: `Bearer ${job.token}` },
      metadata: { submission: job.submission, sha256, filetype: 'image/jpeg', filename: 'ảnh.jpg' },
      onError: reject,
      onSuccess: resolve,
    })
    upload.start()
  })
}

try {
  for (const file of job.files) {
    await send(file)
  }
} catch (error) {
  console.error(error)
  process.exit(1)
}
