// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper;

import io.countersign.helper.check.DiskCheck;
import io.countersign.helper.config.HelperConfig;
import io.countersign.helper.config.HelperConfigFile;
import io.countersign.launch.Log;
import io.countersign.launch.LogSettings;
import io.countersign.launch.config.ConfigBlock;
import io.countersign.launch.config.ConfigException;
import io.countersign.launch.config.ConfigFile;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
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
            case Options.ShowUsage(var usage) -> {
                System.err.print(usage);
                yield 0;
            }
            case Options.ShowVersion() -> {
                System.out.println(Version.current());
                yield 0;
            }
            case Options.Wrong(var why, var usage) -> {
                System.err.print(why + "\n" + usage);
                yield 2;
            }
            case Options.Check options -> check(options);
            case Options.Run options -> run(options);
        };
    }

    private static int check(Options.Check options) {
        HelperConfig config;
        try {
            config =
                    HelperConfigFile.read(ConfigFile.parse(options.config(), false), Optional.empty(), System.getenv());
        } catch (ConfigException e) {
            System.err.println(e.getMessage());
            return 1;
        }
        var report = new DiskCheck(config, Instant.now()).run();
        System.out.print(options.json() ? report.json() : report.text());
        return report.isGood() ? 0 : 1;
    }

    private static int run(Options.Run options) {
        Log.configure(LogSettings.standard());
        var log = LoggerFactory.getLogger(HelperMain.class);
        log.info("Using configuration file: \"{}\"", options.config());
        ConfigBlock file;
        try {
            file = ConfigFile.parse(options.config(), false);
        } catch (ConfigException e) {
            return refused(log, "failed to parse configuration", e);
        }
        HelperConfig config;
        try {
            config = HelperConfigFile.read(file, options.daemon(), System.getenv());
        } catch (ConfigException e) {
            return refused(log, "invalid configuration", e);
        }
        Log.configure(config.log());
        config.warnings().forEach(log::warn);
        try {
            return run(config, log);
        } catch (Exception e) {
            log.atError().setCause(e).log(OneShot.FAILED);
            return 1;
        }
    }

    private static int run(HelperConfig config, Logger log) throws Exception {
        if (config.daemon()) {
            log.info("Launching daemon");
            new Helper(config).run();
            return 0;
        }
        boolean all = new OneShot(config).run();
        if (all) {
            log.info("Exiting");
        } else {
            log.error(OneShot.FAILED);
        }
        return all ? 0 : 1;
    }

    /** One line for each problem, so that a collector of logs keeps them whole. */
    private static int refused(Logger log, String what, ConfigException why) {
        String.valueOf(why.getMessage())
                .lines()
                .forEach(problem -> log.atError().addKeyValue("error", problem).log(what));
        return 1;
    }
}
