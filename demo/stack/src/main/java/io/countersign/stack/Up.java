// SPDX-License-Identifier: Apache-2.0
package io.countersign.stack;

import io.countersign.launch.Closing;
import io.countersign.launch.Stopping;
import io.countersign.stack.UpOptions.Mode;
import io.countersign.stack.config.ConfigFiles;
import io.countersign.stack.demo.DemoRun;
import io.countersign.stack.layout.Accounts;
import io.countersign.stack.layout.FolderLock;
import io.countersign.stack.layout.Identities;
import io.countersign.stack.layout.Layout;
import io.countersign.stack.layout.PortCheck;
import io.countersign.stack.layout.Role;
import io.countersign.stack.postgres.PostgresBinaries;
import io.countersign.stack.postgres.PostgresCluster;
import io.countersign.stack.postgres.PostgresProbe;
import io.countersign.stack.postgres.ReloadWatch;
import io.countersign.stack.process.Distribution;
import io.countersign.stack.process.Part;
import io.countersign.stack.process.Part.Preparation;
import io.countersign.stack.process.Standing;
import io.countersign.stack.process.Supervisor;
import io.countersign.stack.server.ServerAdmin;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;

/** One run of the whole system: everything is started here, in the order in which it can be. */
final class Up {
    private final UpOptions options;
    private final Distribution distribution;
    private final Accounts accounts;
    private final Progress progress;
    private final Layout layout;
    private final Identities identities;
    private final Closing closing = new Closing();

    Up(UpOptions options, Distribution distribution, Accounts accounts, Progress progress) {
        this.options = options;
        this.distribution = distribution;
        this.accounts = accounts;
        this.progress = progress;
        this.layout = new Layout(options.folder());
        this.identities = new Identities(options.trustDomain());
    }

    /**
     * Runs until a signal comes or, with {@code --once}, until the demo has run.
     *
     * @return the exit code: 0, or 1 if the demo has failed
     * @throws StackException if something cannot be started
     */
    int run(PrintStream out) throws Exception {
        if (options.mode() == Mode.PRINT_CONFIG) {
            try (var lock = FolderLock.take(layout.root())) {
                printByHand(out);
            }
            return 0;
        }
        var stopping = new Stopping();
        var failure = new AtomicReference<Optional<Throwable>>(Optional.empty());
        var worker = Thread.ofPlatform().name("starting").start(() -> {
            try {
                start();
                if (options.mode() == Mode.ONCE) {
                    runOnce(out);
                    stopping.stop();
                }
            } catch (Throwable e) {
                failure.set(Optional.of(e));
                stopping.stop();
            }
        });
        stopping.await(closing);
        worker.join();
        if (failure.get().isPresent()) {
            throw asException(failure.get().get());
        }
        return 0;
    }

    private void printByHand(PrintStream out) throws IOException, InterruptedException {
        var parts = prepare();
        var byHand = new ByHand(layout, accounts, identities, parts);
        out.print(byHand.write(List.of(
                parts.agent(Preparation.NONE),
                parts.helper(Role.POSTGRES_HELPER, Role.POSTGRES),
                parts.helper(Role.BACKEND_HELPER, Role.BACKEND),
                parts.frontendSidecar(),
                parts.backendSidecar(),
                parts.intruder(),
                parts.postgres(preparePostgres(), postgresProbe()),
                parts.backend(),
                parts.frontend())));
        out.flush();
    }

    private static Exception asException(Throwable failure) {
        return failure instanceof Exception exception
                ? exception
                : new StackException("up has failed: " + failure, failure);
    }

    private void start() throws Exception {
        var begun = Instant.now();
        closing.add(FolderLock.take(layout.root()));
        PortCheck.check(options.ports());
        startParts(prepare());
        progress.note("http://127.0.0.1:" + options.ports().frontend() + " is ready after "
                + Duration.between(begun, Instant.now()).toMillis() / 1000.0 + " s");
    }

    /** Makes the folders and the files; nothing runs after it that did not before. */
    private Parts prepare() throws IOException, InterruptedException {
        if (accounts instanceof Accounts.Shared) {
            refuseOriginals();
            progress.note("all parts run as one user, so each is known to the agent by what its process says of itself;"
                    + " run as root to have the kernel vouch for each");
        }
        layout.create(accounts);
        for (var role : Role.values()) {
            Files.deleteIfExists(layout.log(role));
        }
        new ConfigFiles(layout, accounts, options, identities).write();
        var programs = accounts instanceof Accounts.Separate
                ? distribution.readableByAll(layout.root().resolve("programs"))
                : distribution;
        var standing = Standing.of(options.originals(), distribution);
        return new Parts(options, layout, accounts, identities, programs, standing);
    }

    /** As one user, only programs on the Java virtual machine can be told apart, by what they say of themselves. */
    private void refuseOriginals() {
        for (var part : List.of("helper", "sidecar", "agent")) {
            if (options.originals().containsKey(part)) {
                throw new StackException(
                        "--use " + part + "=… works only as root, where programs are told apart by their users");
            }
        }
    }

    private void startParts(Parts parts) throws Exception {
        var supervisor = closing.add(new Supervisor(progress, distribution.stopPatience()));
        var probe = postgresProbe();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var cluster = threads.submit(this::preparePostgres);
            // waits for nobody
            var frontend = start(threads, supervisor, parts.frontend());
            supervisor.start(parts.server());
            var admin = closing.add(new ServerAdmin(layout.serverSocket()));
            register(admin);
            supervisor.start(parts.agent(() -> invite(admin)));
            var backendHelper = start(threads, supervisor, parts.helper(Role.BACKEND_HELPER, Role.BACKEND));
            var ready = List.of(
                    backendHelper,
                    start(threads, supervisor, parts.frontendSidecar()),
                    start(threads, supervisor, parts.backendSidecar()),
                    start(threads, supervisor, parts.intruder()));
            // spiffe-helper stops writing for ever longer while there is no pid file, so PostgreSQL follows at once
            var postgres = parts.postgres(await(cluster), probe);
            supervisor.start(parts.helper(Role.POSTGRES_HELPER, Role.POSTGRES));
            supervisor.start(postgres);
            await(backendHelper);
            supervisor.start(parts.backend());
            for (var each : ready) {
                await(each);
            }
            await(frontend);
        }
        closing.add(new ReloadWatch(probe, progress));
    }

    private static Future<Part> start(ExecutorService threads, Supervisor supervisor, Part part) {
        return threads.submit(() -> {
            supervisor.start(part);
            return part;
        });
    }

    private static <T> T await(Future<T> future) throws Exception {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw asException(Optional.ofNullable(e.getCause()).orElse(e));
        }
    }

    private PostgresProbe postgresProbe() {
        return new PostgresProbe(
                options.ports().postgres(), layout.certificates(Role.POSTGRES).resolve("svid.pem"));
    }

    private PostgresCluster preparePostgres() throws IOException, InterruptedException {
        var binaries = PostgresBinaries.unpack(layout.root());
        var cluster = new PostgresCluster(layout, accounts, options, identities, binaries);
        cluster.prepare();
        return cluster;
    }

    private void register(ServerAdmin admin) throws IOException {
        Files.writeString(layout.bundleFile(), admin.bundle());
        identities.byRole().forEach((role, id) -> admin.ensureEntry(identities.node(), id, accounts.selectors(role)));
    }

    /** A way in for an agent that starts with nothing, or with a certificate that has ended meanwhile. */
    private void invite(ServerAdmin admin) throws IOException {
        admin.forgetEarlier(identities.node(), Instant.now());
        Layout.writePrivately(layout.tokenFile(), admin.joinToken(identities.node()), accounts.of(Role.AGENT));
    }

    private void runOnce(PrintStream out) throws InterruptedException {
        var run = DemoRun.run(options.ports().frontend());
        out.println(run.json());
        out.flush();
        run.firstFailure().ifPresent(failure -> {
            throw new StackException(failure);
        });
    }
}
