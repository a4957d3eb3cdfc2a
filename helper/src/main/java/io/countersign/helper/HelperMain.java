// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper;

import io.countersign.helper.config.HelperConfigFile;
import io.countersign.launch.Log;
import io.countersign.launch.config.ConfigException;
import java.util.List;
import org.slf4j.LoggerFactory;

/** The certificate-file helper, with the command line of {@code spiffe-helper}. */
public final class HelperMain {
    private HelperMain() {}

    public static void main(String[] args) {
        System.exit(run(args));
    }

    /** Gives the exit code: 0 for success or an orderly stop, 1 for a failure, 2 for a wrong command line. */
    public static int run(String... args) {
        return switch (Options.parse(List.of(args))) {
            case Options.ShowUsage() -> {
                System.err.print(Options.USAGE);
                yield 0;
            }
            case Options.ShowVersion() -> {
                System.out.println(Version.current());
                yield 0;
            }
            case Options.Wrong(var why) -> {
                System.err.print(why + "\n" + Options.USAGE);
                yield 2;
            }
            case Options.Run options -> run(options);
        };
    }

    private static int run(Options.Run options) {
        try {
            var config = HelperConfigFile.read(options.config(), options.daemon(), System.getenv());
            Log.configure(config.log());
            var log = LoggerFactory.getLogger(HelperMain.class);
            log.info("Using configuration file: \"{}\"", options.config());
            config.warnings().forEach(log::warn);
            log.info(config.daemon() ? "Launching daemon" : "Daemon mode disabled");
            if (!config.daemon()) {
                return new OneShot(config).run();
            }
            new Helper(config).run();
            log.info("Exiting");
            return 0;
        } catch (ConfigException e) {
            System.err.println(e.getMessage());
        } catch (Exception e) {
            System.err.println("Error starting the helper: " + e);
        }
        return 1;
    }
}
