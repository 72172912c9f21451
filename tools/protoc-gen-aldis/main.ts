#!/usr/bin/env tsx
// The plugin of `buf generate` that turns the options of the protocol into typed tables in gen/aldis/v1/tables.
// One file here makes one table; what they share is in options.ts. Faults in the proto (a name that does not exist, a call
// that is missing in the stream) end the generation with a message.
import { createEcmaScriptPlugin, runNodeJs, type Schema } from "@bufbuild/protoplugin";
import { generateAdminOperations } from "./admin-operations.js";
import { generateDescriptors } from "./descriptors.js";
import { generateDialects } from "./dialects.js";
import { generateErrors } from "./errors.js";
import { generateLimits } from "./limits.js";
import { generateOperations } from "./operations.js";
import { Options } from "./options.js";
import { generateRules } from "./rules.js";
import { generateStates } from "./states.js";
import { generateWire } from "./wire.js";

function generateTs(schema: Schema): void {
  const options = new Options(schema);
  generateErrors(schema, options);
  generateLimits(schema, options);
  generateStates(schema, options);
  generateOperations(schema, options);
  generateAdminOperations(schema);
  generateRules(schema, options);
  generateDialects(schema, options);
  generateWire(schema);
  generateDescriptors(schema);
}

runNodeJs(createEcmaScriptPlugin({ name: "protoc-gen-aldis", version: "v1", generateTs }));
