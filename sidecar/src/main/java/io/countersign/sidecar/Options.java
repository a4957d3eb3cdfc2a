// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import io.countersign.launch.LogSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * The command line, in Envoy's words. Flags that Envoy knows and this sidecar does not are refused by name.
 *
 * @param eventLoops threads that move bytes
 */
record Options(
        Optional<Path> config,
        Mode mode,
        LogSettings.Level logLevel,
        Optional<Path> logFile,
        int eventLoops,
        String serviceNode,
        String serviceCluster,
        Duration flushInterval,
        Duration drain,
        boolean version,
        boolean help) {
    static final int STANDARD_EVENT_LOOPS = 2;
    private static final int MOST_EVENT_LOOPS = 256;

    enum Mode {
        SERVE,
        VALIDATE
    }

    static final String USAGE = """
            usage: envoy -c FILE [flags]
              -c, --config-path FILE            bootstrap in YAML or JSON
              --mode serve|validate             run, or only check the file (standard: serve)
              -l, --log-level LEVEL             trace, debug, info, warn, error (standard: info)
              --log-path FILE                   write the log there instead of to standard error
              --concurrency N                   threads that move bytes (standard: 2)
              --service-node ID                 node.id in place of the file's
              --service-cluster NAME            node.cluster in place of the file's
              --file-flush-interval-msec N      how often access logs are written (standard: 10000)
              --drain-time-s N                  how long open requests may take at the end (standard: 2)
              --disable-hot-restart             accepted: there is no hot restart
              --base-id N, --use-dynamic-base-id  accepted: several may run on one host
              --version, -h, --help
            """;

    /** @throws IllegalArgumentException naming the flag that is unknown or has a wrong value */
    static Options parse(List<String> arguments) {
        var reader = new Reader(arguments);
        while (!reader.rest.isEmpty()) {
            reader.next();
        }
        return reader.options();
    }

    private static final class Reader {
        private final Deque<String> rest = new ArrayDeque<>();
        private Optional<Path> config = Optional.empty();
        private Mode mode = Mode.SERVE;
        private LogSettings.Level level = LogSettings.Level.INFO;
        private Optional<Path> logFile = Optional.empty();
        private int eventLoops = STANDARD_EVENT_LOOPS;
        private String node = "";
        private String cluster = "";
        private Duration flush = Duration.ofSeconds(10);
        private Duration drain = Duration.ofSeconds(2);
        private boolean version;
        private boolean help;

        Reader(List<String> arguments) {
            for (var argument : arguments) {
                int equals = argument.indexOf('=');
                if (argument.startsWith("--") && equals > 0) {
                    rest.addLast(argument.substring(0, equals));
                    rest.addLast(argument.substring(equals + 1));
                } else {
                    rest.addLast(argument);
                }
            }
        }

        void next() {
            var flag = rest.removeFirst();
            switch (flag) {
                case "-c", "--config-path" -> config = Optional.of(Path.of(value(flag)));
                case "--mode" -> mode = mode(value(flag));
                case "-l", "--log-level" -> level = LogSettings.level(value(flag));
                case "--log-path" -> logFile = Optional.of(Path.of(value(flag)));
                case "--concurrency" -> eventLoops = number(flag, 1, MOST_EVENT_LOOPS);
                case "--service-node" -> node = value(flag);
                case "--service-cluster" -> cluster = value(flag);
                case "--file-flush-interval-msec" -> flush = Duration.ofMillis(number(flag, 1, 3_600_000));
                case "--drain-time-s" -> drain = Duration.ofSeconds(number(flag, 0, 3600));
                case "--base-id" -> number(flag, 0, Integer.MAX_VALUE);
                case "--disable-hot-restart", "--use-dynamic-base-id" -> {}
                case "--version" -> version = true;
                case "-h", "--help" -> help = true;
                default ->
                    throw new IllegalArgumentException(
                            flag + " is not supported by this sidecar; --help lists what is");
            }
        }

        private String value(String flag) {
            if (rest.isEmpty()) {
                throw new IllegalArgumentException(flag + " needs a value");
            }
            return rest.removeFirst();
        }

        private int number(String flag, int least, int most) {
            var text = value(flag);
            if (!text.matches("[0-9]{1,9}") || Integer.parseInt(text) < least || Integer.parseInt(text) > most) {
                throw new IllegalArgumentException(
                        flag + " is \"" + text + "\", expected a number from " + least + " to " + most);
            }
            return Integer.parseInt(text);
        }

        private static Mode mode(String text) {
            return Arrays.stream(Mode.values())
                    .filter(candidate -> candidate.name().equalsIgnoreCase(text))
                    .findFirst()
                    .orElseThrow(() ->
                            new IllegalArgumentException("--mode is \"" + text + "\", expected serve or validate"));
        }

        Options options() {
            if (config.isEmpty() && !version && !help) {
                throw new IllegalArgumentException("-c is missing, expected the path of a bootstrap file");
            }
            return new Options(config, mode, level, logFile, eventLoops, node, cluster, flush, drain, version, help);
        }
    }
}
