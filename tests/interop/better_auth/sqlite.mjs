// Owns: how the npm package reaches its SQLite file: Kysely's driver over SQLite in WebAssembly, which needs no compiler
// and nothing that is not in the npm registry.

import { SqliteDialect } from 'kysely';
import sqlite from 'node-sqlite3-wasm';

/** SQLite knows no booleans and no dates. */
const bound = (value) => {
  if (typeof value === 'boolean') return Number(value);
  if (value instanceof Date) return value.toISOString();
  return value === undefined ? null : value;
};

/** What Kysely wants of a database, over the file at `path`. */
function driver(path) {
  const file = new sqlite.Database(path);
  return {
    close: () => file.close(),
    prepare: (sql) => ({
      reader: /^\s*(select|pragma|with)\b|\breturning\b/i.test(sql),
      all: (values) => file.all(sql, values.map(bound)),
      run: (values) => file.run(sql, values.map(bound)),
      iterate: (values) => file.all(sql, values.map(bound))[Symbol.iterator](),
    }),
  };
}

export const dialect = (path) => new SqliteDialect({ database: driver(path) });
