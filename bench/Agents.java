// SPDX-License-Identifier: Apache-2.0
import io.countersign.launch.Log;
import io.countersign.launch.LogSettings;
import io.countersign.launch.LogSettings.Format;
import io.countersign.launch.LogSettings.Level;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * Many agents in one process, each with entries, keys and connections of its own. Says "ready" when all hold what they are to
 * hold; every second each is then asked as a program would ask it, until standard input ends. Then nothing may be missing. What
 * has come of it by then is said in a line of JSON, and before that for each byte of input. Ends with 1 if anything has failed.
 */
class Agents {
    private static final int AT_ONCE = 16;
    private static final int CHANGES_A_SECOND = 5;
    private static final int PASSING = 10;
    private static final long PATIENCE_SECONDS = 60;

    private final List<SimulatedAgent> agents = new ArrayList<>();
    private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
    private final AtomicInteger tokens = new AtomicInteger();
    private final AtomicInteger tokensRepeated = new AtomicInteger();
    private final ArrayDeque<String> passing = new ArrayDeque<>();
    private final ExecutorService asking = Executors.newVirtualThreadPerTaskExecutor();
    private final Entries entries;
    private volatile int fetches;
    private volatile int changes;

    private Agents(Entries entries) {
        this.entries = entries;
    }

    /**
     * @param words agent.conf; a folder; "push" or "poll"; how many agents, entries of each, other entries and tokens a second;
     *     "change" entries meanwhile or let them "rest"; the sockets of all servers
     */
    public static void main(String[] words) throws Exception {
        // standard output is for what is said here
        Log.configure(new LogSettings(Level.ERROR, Format.TEXT, Optional.empty()));
        var numbers = Arrays.stream(words, 3, 7).mapToInt(Integer::parseInt).toArray();
        var sockets = Arrays.stream(words).skip(8).map(Path::of).toList();
        var all = new Agents(new Entries(sockets));
        all.entries.create(IntStream.range(0, numbers[2])
                .mapToObj(i -> Entries.entry("other-" + i, "/bench/nobody"))
                .toList());
        all.start(Path.of(words[0]), Path.of(words[1]), words[2].equals("push"), numbers[0], numbers[1]);
        System.out.println("ready");
        var clocks = List.of(
                all.every(1, all::fetch),
                all.every(numbers[3], all::fetchToken),
                all.every(words[7].equals("change") ? CHANGES_A_SECOND : 0, all::change));
        while (System.in.read() != -1) {
            all.report();
        }
        for (var clock : clocks) {
            clock.shutdown();
            if (!clock.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                all.failures.add("a question does not end");
            }
        }
        all.asking.close();
        all.awaitHeld();
        all.failures.addAll(all.entries.differences());
        all.report();
        System.exit(all.failures.isEmpty() ? 0 : 1);
    }

    private void start(Path config, Path folder, boolean push, int count, int each) throws Exception {
        var starts = new ArrayList<Callable<SimulatedAgent>>();
        for (int i = 0; i < count; i++) {
            var token = entries.joinToken();
            int agent = i;
            var own = IntStream.range(0, each)
                    .mapToObj(j -> Entries.entry("lasting-" + agent + "-" + j, "/spire/agent/join_token/" + token))
                    .toList();
            entries.create(own);
            var ids = new HashSet<String>();
            own.forEach(entry -> ids.add(entry.getId()));
            var kept = Files.createDirectories(folder.resolve(String.valueOf(i)));
            starts.add(() -> SimulatedAgent.start(config, kept, token, ids, push));
        }
        try (var several = Executors.newFixedThreadPool(AT_ONCE, Thread.ofVirtual().factory())) {
            for (var started : several.invokeAll(starts)) {
                agents.add(started.get());
            }
        }
        awaitHeld();
    }

    private ScheduledExecutorService every(int timesASecond, Runnable work) {
        var clock = Executors.newSingleThreadScheduledExecutor();
        if (timesASecond > 0) {
            clock.scheduleAtFixedRate(
                    () -> remembering(work), 0, TimeUnit.SECONDS.toMicros(1) / timesASecond, TimeUnit.MICROSECONDS);
        }
        return clock;
    }

    private void remembering(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException e) {
            failures.add(Instant.now() + " " + e);
        }
    }

    private void fetch() {
        for (var agent : agents) {
            fetches++;
            remembering(() -> agent.fetch(Instant.now()));
        }
    }

    /** Of some agent. What its server has not answered, as it was killed, is asked for once more. */
    private void fetchToken() {
        var agent = anyAgent();
        asking.execute(() -> remembering(() -> {
            try {
                agent.fetchToken();
            } catch (StatusRuntimeException e) {
                if (e.getStatus().getCode() != Status.Code.UNAVAILABLE) {
                    throw e;
                }
                tokensRepeated.incrementAndGet();
                agent.fetchToken();
            }
            tokens.incrementAndGet();
        }));
    }

    private SimulatedAgent anyAgent() {
        return agents.get(ThreadLocalRandom.current().nextInt(agents.size()));
    }

    private void change() {
        var id = "passing-" + changes++;
        entries.create(List.of(Entries.entry(id, anyAgent().path())));
        passing.add(id);
        if (passing.size() > PASSING) {
            entries.delete(passing.remove());
        }
    }

    /** Until each agent holds exactly what was confirmed. */
    private void awaitHeld() throws InterruptedException {
        var confirmed = entries.byParent();
        var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        for (var agent : agents) {
            while (!agent.holds(confirmed.getOrDefault(agent.path(), Set.of()))) {
                if (System.nanoTime() > end) {
                    failures.add(agent.path() + " does not hold what was confirmed");
                    return;
                }
                Thread.sleep(20);
            }
        }
    }

    private void report() {
        failures.stream().limit(5).forEach(System.err::println);
        System.out.printf(
                "{\"agents\": %d, \"fetches\": %d, \"certificates\": %d, \"renewals\": %d, \"tokens\": %d,"
                        + " \"tokens_asked_again\": %d, \"changes\": %d, \"changes_asked_again\": %d, \"failed\": %d}%n",
                agents.size(),
                fetches,
                agents.stream().mapToInt(SimulatedAgent::certificates).sum(),
                agents.stream().mapToInt(SimulatedAgent::renewals).sum(),
                tokens.get(),
                tokensRepeated.get(),
                changes,
                entries.repeated(),
                failures.size());
    }
}
