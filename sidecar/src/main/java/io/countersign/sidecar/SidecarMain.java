// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import io.countersign.launch.GarbageWatch;
import io.countersign.launch.Log;
import io.countersign.launch.LogSettings;
import io.countersign.launch.Stopping;
import io.countersign.sidecar.bootstrap.Bootstrap;
import io.countersign.sidecar.bootstrap.BootstrapException;
import io.countersign.sidecar.bootstrap.BootstrapFile;
import io.countersign.sidecar.bootstrap.BootstrapFile.NodeOverride;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.security.Security;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/** The command line of the sidecar: {@code envoy -c envoy.yaml}. */
public final class SidecarMain {
    private SidecarMain() {}

    public static void main(String[] arguments) {
        GarbageWatch.start();
        System.exit(run(arguments));
    }

    /** @return 0 after an orderly stop, 1 if it could not start or the file is wrong */
    public static int run(String... arguments) {
        return run(List.of(arguments), new Stopping(), System.out, System.err);
    }

    static int run(List<String> arguments, Stopping stopping, PrintStream out, PrintStream err) {
        try {
            var options = Options.parse(arguments);
            if (options.help()) {
                out.print(Options.USAGE);
                return 0;
            }
            if (options.version()) {
                out.println("countersign sidecar " + Version.TEXT);
                return 0;
            }
            var file = options.config().orElseThrow();
            var bootstrap = BootstrapFile.read(file, new NodeOverride(options.serviceNode(), options.serviceCluster()));
            return switch (options.mode()) {
                case VALIDATE -> {
                    out.println("configuration '" + file + "' OK");
                    yield 0;
                }
                case SERVE -> serve(options, file, bootstrap, stopping);
            };
        } catch (IllegalArgumentException | BootstrapException e) {
            err.println(e.getMessage());
        } catch (IOException e) {
            err.println("cannot start: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            err.println("stopped by " + e);
        }
        return 1;
    }

    private static int serve(Options options, Path file, Bootstrap bootstrap, Stopping stopping) throws Exception {
        Log.configure(new LogSettings(options.logLevel(), LogSettings.Format.TEXT, options.logFile()));
        // names are looked up as often as the file says, not as seldom as Java would
        Security.setProperty("networkaddress.cache.ttl", "1");
        Security.setProperty("networkaddress.cache.negative.ttl", "1");
        var sidecar = new Sidecar(options, file, bootstrap, stopping);
        var failure = new AtomicReference<IOException>();
        // waits for the agent, which a request to stop must not
        var starting = Thread.ofVirtual().name("start").start(() -> start(sidecar, failure, stopping));
        stopping.await(() -> {
            starting.interrupt();
            starting.join();
            sidecar.close();
            if (failure.get() != null) {
                throw failure.get();
            }
        });
        return 0;
    }

    private static void start(Sidecar sidecar, AtomicReference<IOException> failure, Stopping stopping) {
        try {
            sidecar.start();
        } catch (IOException e) {
            failure.set(e);
            stopping.stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            failure.set(new IOException(e));
            stopping.stop();
        }
    }
}
