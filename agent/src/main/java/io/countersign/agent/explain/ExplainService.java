// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.explain;

import io.countersign.agent.attest.Attestation;
import io.countersign.agent.attest.WorkloadAttestors;
import io.countersign.agent.entry.Selector;
import io.countersign.agent.identity.Snapshots;
import io.countersign.agentapi.explain.Assurance;
import io.countersign.agentapi.explain.Difference;
import io.countersign.agentapi.explain.ExplainGrpc.ExplainImplBase;
import io.countersign.agentapi.explain.ExplainProcessRequest;
import io.countersign.agentapi.explain.ExplainRefusedRequest;
import io.countersign.agentapi.explain.ExplainRefusedResponse;
import io.countersign.agentapi.explain.Explanation;
import io.countersign.agentapi.explain.NearEntry;
import io.countersign.agentapi.explain.Refusal;
import io.countersign.agentapi.explain.SeenSelector;
import io.countersign.rpc.Peer;
import io.countersign.spiffe.SpiffeId;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Says to operators what the agent sees of a program, which entries come near to it, and what would make one fit. */
public final class ExplainService extends ExplainImplBase {
    private static final String NO_ATTESTATION = "the program ended, or could not be looked at, before it was known";

    private final WorkloadAttestors attestors;
    private final Snapshots snapshots;
    private final RefusedCalls refused;
    private final Supplier<SpiffeId> node;

    /** @param node this agent's own ID, below which entries are */
    public ExplainService(
            WorkloadAttestors attestors, Snapshots snapshots, RefusedCalls refused, Supplier<SpiffeId> node) {
        this.attestors = attestors;
        this.snapshots = snapshots;
        this.refused = refused;
        this.node = node;
    }

    @Override
    public void explainProcess(ExplainProcessRequest request, StreamObserver<Explanation> client) {
        var process = Peer.LocalProcess.running(request.getPid())
                .orElseThrow(() -> Status.NOT_FOUND
                        .withDescription("there is no process " + request.getPid() + " on this machine")
                        .asRuntimeException());
        var explanation = of(process, RefusedCalls.program(process.pid()));
        tell(explanation, attestors.attest(process));
        client.onNext(explanation.build());
        client.onCompleted();
    }

    @Override
    public void explainRefused(ExplainRefusedRequest request, StreamObserver<ExplainRefusedResponse> client) {
        var response = ExplainRefusedResponse.newBuilder();
        refused.last().stream()
                .filter(call -> request.getId().isEmpty() || request.getId().equals(call.id()))
                .limit(request.getLast() > 0 ? request.getLast() : Integer.MAX_VALUE)
                .forEach(call -> response.addRefused(explained(call)));
        client.onNext(response.build());
        client.onCompleted();
    }

    private Explanation explained(RefusedCall call) {
        var explanation = of(call.process(), call.program())
                .setRefusal(Refusal.newBuilder()
                        .setId(call.id())
                        .setAt(call.at().getEpochSecond())
                        .setMethod(call.method()));
        call.attestation()
                .ifPresentOrElse(seen -> tell(explanation, seen), () -> explanation.setAdvice(NO_ATTESTATION));
        return explanation.build();
    }

    private static Explanation.Builder of(Peer.LocalProcess process, String program) {
        return Explanation.newBuilder()
                .setPid(process.pid())
                .setUid(process.uid())
                .setGid(process.gid())
                .setProgram(program);
    }

    private void tell(Explanation.Builder explanation, Attestation seen) {
        seen.selectors().entrySet().stream()
                .sorted(Map.Entry.comparingByKey(Comparator.comparing(Selector::toString)))
                .forEach(each -> explanation.addSelectors(SeenSelector.newBuilder()
                        .setType(each.getKey().type())
                        .setValue(each.getKey().value())
                        .setAssurance(assurance(each.getValue()))));
        var snapshot = snapshots.current();
        snapshot.entriesOf(seen)
                .forEach(entry -> explanation.addIdentities(entry.spiffeId().toString()));
        Near.of(seen, snapshot.entries().values()).forEach(near -> explanation.addNearest(nearest(near, seen)));
        if (snapshot.entries().isEmpty()) {
            explanation.setAdvice("the server has no entry for this node; one for this program would be made by: "
                    + create("spiffe://" + snapshot.trustDomain().name() + "/…", firstOf(seen)));
        }
    }

    private static List<Selector> firstOf(Attestation seen) {
        return Near.strongest(seen).limit(1).toList();
    }

    private NearEntry nearest(Near near, Attestation seen) {
        var message = NearEntry.newBuilder()
                .setEntryId(near.entry().id())
                .setSpiffeId(near.entry().spiffeId().toString());
        if (near.isClaimed()) {
            message.addDifferences(Difference.newBuilder()
                    .setWords("the program has all of its selectors, but on its own word alone;"
                            + " expected one that the kernel or a service of this node vouches for"));
        }
        var mended = near.mended(seen);
        for (var missing : near.missing()) {
            message.addDifferences(Difference.newBuilder()
                    .setWanted(missing.wanted().toString())
                    .setSeen(missing.instead().map(Selector::toString).orElse(""))
                    .setWords(words(missing, seen, mended.isPresent())));
        }
        mended.ifPresent(
                selectors -> message.setCommand(create(near.entry().spiffeId().toString(), selectors)));
        return message.build();
    }

    /** @param mended whether a command follows, in which there is nothing in the place of what the program lacks */
    private static String words(Near.Missing missing, Attestation seen, boolean mended) {
        var wanted = missing.wanted();
        if (missing.instead().isPresent()) {
            return "it wants " + wanted + ", the program has "
                    + missing.instead().get();
        }
        boolean typeSeen =
                seen.selectors().keySet().stream().anyMatch(each -> each.type().equals(wanted.type()));
        return "it wants " + wanted + ", the program has nothing "
                + (typeSeen ? "of that kind" : "of the type " + wanted.type() + "; is that attestor configured?")
                + (mended ? " (left out of the command)" : "");
    }

    private String create(String spiffeId, Collection<Selector> selectors) {
        return "countersign server entry create -parentID " + node.get() + " -spiffeID " + spiffeId
                + selectors.stream()
                        .map(selector -> " -selector " + quoted(selector.toString()))
                        .collect(Collectors.joining());
    }

    /** As a shell takes it for one word. */
    private static String quoted(String word) {
        return word.matches("[A-Za-z0-9:/@._+=-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }

    private static Assurance assurance(io.countersign.agent.attest.Assurance assurance) {
        return switch (assurance) {
            case KERNEL -> Assurance.KERNEL;
            case VOUCHED -> Assurance.VOUCHED;
            case CLAIMED -> Assurance.CLAIMED;
        };
    }
}
