import type { Server } from "@grpc/grpc-js";
import { loadFileDescriptorSetFromBuffer, loadSync } from "@grpc/proto-loader";
import { ReflectionService } from "@grpc/reflection";
import { protoPath } from "grpc-health-check";
import { descriptorSet } from "../../../../gen/aldis/v1/tables/descriptors.js";

/** Serves the descriptors of the services with these names and of health, so that grpcurl and its like work without the proto files. */
export function addReflection(server: Server, names: readonly string[]): void {
  const definition = { ...loadFileDescriptorSetFromBuffer(Buffer.from(descriptorSet, "base64")), ...loadSync(protoPath) };
  new ReflectionService(definition, { services: [...names, "grpc.health.v1.Health"] }).addToServer(server);
}
