/** Registers each handler under its name in the topology. No logic: the functions framework loads this file. */
import { cloudEvent, http } from '@google-cloud/functions-framework';
import { functionRow } from '../infra/topology.ts';
import { readConfig } from '../shared/config.ts';
import { backupHandler } from './backup/event.ts';
import { checkPlaces, compose } from './compose.ts';
import { consoleRoutes } from './console/http.ts';
import { eventEdge, httpEdge } from './edge.ts';
import { lifecycleRoutes } from './lifecycle/http.ts';
import { notifyHandler } from './notify/event.ts';
import { FAREWELL_MS, FENCE_MS, purgeHandler, TICKET_MS } from './purge/event.ts';
import { syncHandler } from './sync/event.ts';
import { pairsOver } from './sync/previewPair.ts';
import { webhookRoutes } from './webhook/http.ts';

const config = readConfig();
// Before anything is registered: nobody is served from a place where data may not be.
await checkPlaces(config);
const ports = compose(config);
const { mailKeys } = ports;
const { leaseMs, markerLagMs, fenceMs = FENCE_MS } = config;
const syncSettings = { leaseMs, ...(markerLagMs === undefined ? {} : { markerLagMs }) };
/** Functions import nothing of each other: what the console shows of the sync's way of looking is handed to it here. */
const eyes = { pairs: pairsOver(ports, syncSettings) };

http(functionRow('lifecycle').name, httpEdge('lifecycle', ports, lifecycleRoutes(ports, config)));
http(functionRow('webhook').name, httpEdge('webhook', ports, webhookRoutes(ports)));
http(functionRow('console').name, httpEdge('console', ports, consoleRoutes(ports, { ...config, mailKeys }, eyes)));
cloudEvent(functionRow('sync').name, eventEdge('sync', ports, syncHandler(ports, syncSettings)));
cloudEvent(functionRow('backup').name, eventEdge('backup', ports, backupHandler(ports, config)));
const [farewellMs, ticketMs] = [FAREWELL_MS, TICKET_MS];
cloudEvent(
  functionRow('purge').name,
  eventEdge(
    'purge',
    ports,
    purgeHandler(ports, { ...config, fenceMs, farewellMs, ticketMs, planned: () => ports.planned() }),
  ),
);
cloudEvent(
  functionRow('notify').name,
  eventEdge('notify', ports, notifyHandler(ports, { ...config, mailKeys, planned: () => ports.planned() })),
);
