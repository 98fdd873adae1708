#!/usr/bin/env node
import { processIo } from './cli/io.ts';
import { main } from './cli/main.ts';

// Not process.exit: output that is still on its way to a pipe would be lost.
process.exitCode = await main(process.argv.slice(2), processIo());
