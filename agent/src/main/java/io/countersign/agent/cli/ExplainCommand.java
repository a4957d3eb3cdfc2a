// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.cli;

import io.countersign.agentapi.explain.Difference;
import io.countersign.agentapi.explain.ExplainGrpc;
import io.countersign.agentapi.explain.ExplainProcessRequest;
import io.countersign.agentapi.explain.ExplainRefusedRequest;
import io.countersign.agentapi.explain.Explanation;
import io.countersign.rpc.RpcChannels;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Not a command of the original. */
@Command(
        name = "explain",
        description = "Says what the agent sees of a program, and why it gets no identity or which it gets")
final class ExplainCommand implements Callable<Integer> {
    private static final String STANDARD = "/tmp/spire-agent/private/admin.sock";
    /** The kubelet may have to be asked several times. */
    private static final int PATIENCE_SECONDS = 60;

    @Spec
    CommandSpec spec = CommandSpec.create();

    @Parameters(arity = "0..1", paramLabel = "PID", description = "A process of this machine")
    @Nullable
    Integer pid;

    @Option(names = "--refused", description = "The callers that were refused last, instead of a process")
    boolean refused;

    @Option(
            names = "--id",
            paramLabel = "ID",
            description = "Of those that were refused, the one that was told this ID")
    String id = "";

    @Option(names = "--last", paramLabel = "N", description = "Of those that were refused, only the last N (10)")
    int last = 10;

    @Option(names = "--socketPath", paramLabel = "PATH", description = "The agent's admin socket (" + STANDARD + ").")
    Path socketPath = Path.of(STANDARD);

    @Override
    public Integer call() {
        boolean ofRefused = refused || !id.isEmpty();
        if ((pid == null) != ofRefused) {
            throw new IllegalArgumentException("expected either a process number, or -refused or -id");
        }
        var explained = ask(ofRefused);
        var out = spec.commandLine().getOut();
        if (explained.isEmpty()) {
            out.println(id.isEmpty() ? "Nobody was refused." : "No refusal " + id + " is remembered.");
        }
        explained.forEach(each -> print(out, each));
        return explained.isEmpty() && !id.isEmpty() ? 1 : 0;
    }

    private List<Explanation> ask(boolean ofRefused) {
        var channel = RpcChannels.unix(socketPath);
        try {
            var agent = ExplainGrpc.newBlockingStub(channel).withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (ofRefused) {
                var request = ExplainRefusedRequest.newBuilder().setId(id).setLast(last);
                return agent.explainRefused(request.build()).getRefusedList();
            }
            var request = ExplainProcessRequest.newBuilder().setPid(pid == null ? 0 : pid);
            return List.of(agent.explainProcess(request.build()));
        } finally {
            channel.shutdownNow();
        }
    }

    private static void print(PrintWriter out, Explanation explained) {
        out.printf(
                "Process %d, user %d, group %d%s%n",
                explained.getPid(),
                explained.getUid(),
                explained.getGid(),
                explained.getProgram().isEmpty() ? "" : ", " + explained.getProgram());
        if (explained.hasRefusal()) {
            var refusal = explained.getRefusal();
            out.printf(
                    "  refused %s at %s, id %s%n",
                    refusal.getMethod(), Instant.ofEpochSecond(refusal.getAt()), refusal.getId());
        }
        out.println("  selectors:");
        explained
                .getSelectorsList()
                .forEach(seen -> out.printf(
                        "    %-8s %s:%s%n",
                        seen.getAssurance().name().toLowerCase(Locale.ROOT), seen.getType(), seen.getValue()));
        explained.getIdentitiesList().forEach(identity -> out.printf("  gets %s%n", identity));
        if (explained.getIdentitiesCount() == 0) {
            out.println("  gets no identity");
        }
        for (var near : explained.getNearestList()) {
            out.printf("  not %s, entry %s:%n", near.getSpiffeId(), near.getEntryId());
            near.getDifferencesList().stream().map(Difference::getWords).forEach(words -> out.println("    " + words));
            if (!near.getCommand().isEmpty()) {
                out.println("    to give it this identity, too: " + near.getCommand());
            }
        }
        if (!explained.getAdvice().isEmpty()) {
            out.println("  " + explained.getAdvice());
        }
    }
}
