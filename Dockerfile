# The server in a container. It needs TLS files or --allow-plaintext, and a volume for /data; operations/README.md says more.
FROM node:22-slim AS build
WORKDIR /aldis
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev

FROM node:22-slim
ENV NODE_ENV=production ALDIS_DATA_DIR=/data ALDIS_GRPC_HOST=0.0.0.0 ALDIS_HTTP_HOST=0.0.0.0
WORKDIR /aldis
COPY --from=build /aldis/package.json ./
COPY --from=build /aldis/node_modules node_modules
COPY --from=build /aldis/proto proto
COPY --from=build /aldis/dist dist
RUN install --directory --owner=node --group=node --mode=700 /data
# The user "node", by its number, so that an orchestrator can see that it is not root.
USER 1000:1000
VOLUME /data
EXPOSE 7400 7401
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:7401/readyz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/src/cli/main.js"]
CMD ["serve"]
