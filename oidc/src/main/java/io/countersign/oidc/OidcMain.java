// SPDX-License-Identifier: Apache-2.0
package io.countersign.oidc;

import io.countersign.launch.Log;
import io.countersign.launch.config.ConfigException;
import io.countersign.launch.config.ConfigFile;
import io.countersign.oidc.config.OidcConfig;
import io.countersign.oidc.config.OidcConfigFile;
import java.util.List;
import org.slf4j.LoggerFactory;

/** The OIDC discovery provider, with the command line of SPIRE's {@code oidc-discovery-provider}. */
public final class OidcMain {
    private OidcMain() {}

    public static void main(String[] args) {
        System.exit(run(args));
    }

    /** Gives the exit code: 0 for an orderly stop, 1 for a failure, 2 for a wrong flag. */
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
            case Options.Wrong(var why, int exitCode) -> {
                System.err.print(why + "\n" + Options.USAGE);
                yield exitCode;
            }
            case Options.Run options -> run(options);
        };
    }

    private static int run(Options.Run options) {
        OidcConfig config;
        try {
            config = OidcConfigFile.read(ConfigFile.parse(options.config(), options.expandEnv()));
        } catch (ConfigException e) {
            System.err.println(e.getMessage());
            return 1;
        }
        Log.configure(config.log());
        var log = LoggerFactory.getLogger(OidcMain.class);
        config.warnings().forEach(log::warn);
        try {
            DiscoveryProvider.run(config);
            return 0;
        } catch (Exception e) {
            log.atError().addKeyValue("error", e.getMessage()).log("cannot serve");
            return 1;
        }
    }
}
