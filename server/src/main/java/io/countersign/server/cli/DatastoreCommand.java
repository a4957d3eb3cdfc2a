// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import io.countersign.datastore.Database;
import io.countersign.datastore.DatabaseCopy;
import io.countersign.datastore.DatabaseSettings;
import io.countersign.server.config.ServerConfigFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(name = "datastore", description = "What the server keeps", subcommands = DatastoreCommand.Copy.class)
final class DatastoreCommand {
    @Command(
            name = "copy",
            description = "Copies everything from one datastore into an empty one, where no server may run yet")
    static final class Copy implements Callable<Integer> {
        @Spec
        CommandSpec spec = CommandSpec.create();

        @Option(
                names = "--from",
                required = true,
                paramLabel = "FILE",
                description = "The configuration file of a server with the datastore that is read.")
        Path from = Path.of("");

        @Option(
                names = "--to",
                required = true,
                paramLabel = "FILE",
                description = "The configuration file of a server with the datastore that is filled.")
        Path to = Path.of("");

        @Option(names = "--expandEnv", description = "Replace $NAME in the files by environment variables.")
        boolean expandEnv;

        @Override
        public Integer call() throws IOException {
            var source = settings(from);
            var target = settings(to);
            if (source instanceof DatabaseSettings.Sqlite(var file) && !Files.exists(file)) {
                throw new IOException("datastore " + file + " does not exist, expected one to copy");
            }
            try (var read = Database.open(source);
                    var filled = Database.open(target)) {
                var copied = new DatabaseCopy(read, filled).copy();
                print(copied);
            }
            return 0;
        }

        private DatabaseSettings settings(Path file) {
            return ServerConfigFile.read(file, expandEnv, Map.of()).datastore().database();
        }

        private void print(Map<String, Long> copied) {
            var out = spec.commandLine().getOut();
            copied.forEach((table, rows) -> out.printf("%-24s : %d%n", table, rows));
            long all = copied.values().stream().mapToLong(Long::longValue).sum();
            out.println("Copied " + all + " rows; the datastore that was read is unchanged.");
        }
    }
}
