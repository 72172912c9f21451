// `npm run test:languages`: clients in other languages, generated from proto/, against the real server. The last line is
// `N passed, N failed`. A language that is not installed is skipped, except where CI=true: there it is a failure.

import { preparePython, runPython } from "./languages/python.js";
import { startServer } from "./languages/server.js";
import { withScratch } from "./support/scratch.js";

const prepared = await preparePython();
if (prepared.ok) {
  process.exitCode = await withScratch(async (directory) => {
    await using server = await startServer(directory);
    return await runPython(server);
  });
} else {
  const isCi = process.env.CI === "true";
  console.log(`********\nSKIPPED: the Python client was not tested. ${prepared.reason}\n********`);
  console.log(`0 passed, ${isCi ? 1 : 0} failed`);
  process.exitCode = isCi ? 1 : 0;
}
