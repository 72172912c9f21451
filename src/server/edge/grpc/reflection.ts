import type { Server } from "@grpc/grpc-js";
import { loadFileDescriptorSetFromBuffer } from "@grpc/proto-loader";
import { ReflectionService } from "@grpc/reflection";
import { descriptorSet } from "../../../../gen/aldis/v1/tables/descriptors.js";

/** Serves the descriptors of the protocol, so that grpcurl and its like work without the proto files. */
export function addReflection(server: Server): void {
  const definition = loadFileDescriptorSetFromBuffer(Buffer.from(descriptorSet, "base64"));
  new ReflectionService(definition, { services: ["aldis.v1.RealtimeService"] }).addToServer(server);
}
