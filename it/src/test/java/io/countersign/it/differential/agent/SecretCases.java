// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.agent;

import static io.countersign.it.differential.agent.Secrets.names;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.rpc.Status;
import io.countersign.sdsapi.core.BuildVersion;
import io.countersign.sdsapi.core.Node;
import io.countersign.sdsapi.discovery.DiscoveryRequest;
import io.countersign.sdsapi.secret.SecretDiscoveryServiceGrpc;
import io.countersign.sdsapi.type.SemanticVersion;
import java.util.ArrayList;
import java.util.List;

/** StreamSecrets and FetchSecrets; DeltaSecrets is answered by ours alone. */
final class SecretCases {
    private static final String ID = "spiffe://example.org/one";
    private static final String DOMAIN = "spiffe://example.org";
    private static final String PARTNER = "spiffe://partner.example";
    private static final Value YES = Value.newBuilder().setBoolValue(true).build();

    private SecretCases() {}

    static List<CallCase> all() {
        var all = new ArrayList<CallCase>();
        all.addAll(named());
        all.addAll(conversations());
        all.addAll(plain());
        return all;
    }

    private static List<CallCase> named() {
        return List.of(
                asked("names: default certificate", names("default")),
                asked("names: default bundle", names("ROOTCA")),
                asked("names: all bundles", names("ALL")),
                asked("names: SPIFFE ID", names(ID)),
                asked("names: trust domain", names(DOMAIN)),
                asked("names: federated trust domain", names(PARTNER)),
                asked("names: ID and trust domain", names(ID, DOMAIN)),
                asked("names: ID and federated trust domain", names(ID, PARTNER)),
                asked("names: default certificate and bundle", names("default", "ROOTCA")),
                asked("names: two for the bundle", names("ROOTCA", DOMAIN)),
                asked("names: two for the certificate", names("default", ID)),
                asked("names: twice", names("default", "default")),
                asked("names: an empty one", names("")),
                asked("names: none", names()),
                asked("names: unknown", names("unknown")),
                asked("names: unknown beside known", names("default", "unknown", "other")),
                asked("names: ID of another", names("spiffe://example.org/other")),
                asked("names: stranger's trust domain", names("spiffe://stranger.example")),
                asked("type: none", DiscoveryRequest.newBuilder().addResourceNames("default")),
                asked(
                        "type: other",
                        DiscoveryRequest.newBuilder()
                                .setTypeUrl("type.googleapis.com/envoy.config.cluster.v3.Cluster")
                                .addResourceNames("default")),
                new CallCase(
                        "nobody: default certificate",
                        caller -> open(caller, names("default")).await(1)),
                new CallCase(
                        "nobody: bundle",
                        caller -> open(caller, names("ROOTCA")).await(1)),
                new CallCase("nobody: no names", caller -> open(caller, names()).await(1)),
                new CallCase("nobody: fetch", caller -> fetch(caller, names("default"))));
    }

    private static List<CallCase> conversations() {
        return List.of(
                new CallCase("update: acknowledged, then a new name", caller -> {
                    var stream = registered(caller, names("default"));
                    stream.ack("default");
                    caller.update(caller.entry("a", "/one").addDnsNames("new.example.org"));
                    stream.await("certificate 2").ack("default");
                }),
                new CallCase("update: refused, then a new name", caller -> {
                    var stream = registered(caller, names("default"));
                    stream.answer(
                            ack -> ack.setVersionInfo("")
                                    .setErrorDetail(
                                            Status.newBuilder().setCode(3).setMessage("no")),
                            "default");
                    caller.update(caller.entry("a", "/one").addDnsNames("new.example.org"));
                    stream.await("certificate 2");
                }),
                new CallCase("update: renewed", caller -> {
                    caller.keep(Received.Kept.FIRST_TWO);
                    caller.register(caller.entry("a", "/one").setX509SvidTtl(12));
                    caller.awaitEntries();
                    open(caller, names("default")).await(2);
                }),
                new CallCase("update: it begins to federate", caller -> {
                    var stream = registered(caller, names("ALL"));
                    stream.ack("ALL");
                    caller.update(caller.entry("a", "/one").addFederatesWith("partner.example"));
                    stream.await("partner.example");
                }),
                new CallCase("update: the identity is deleted", caller -> {
                    var stream = registered(caller, names(ID));
                    caller.delete("a");
                    stream.await("InvalidArgument").await(2);
                }),
                new CallCase(
                        "stream: other names with the acknowledgement",
                        caller -> registered(caller, names("default"))
                                .ack("default", "ROOTCA")
                                .await("ROOTCA")),
                new CallCase(
                        "stream: fewer names with the acknowledgement",
                        caller -> registered(caller, names("default", "ROOTCA"))
                                .ack("ROOTCA")
                                .await(2)),
                new CallCase(
                        "stream: an unknown name with the acknowledgement",
                        caller -> registered(caller, names("default"))
                                .ack("unknown")
                                .await(2)),
                new CallCase(
                        "stream: a refusal with other names",
                        caller -> registered(caller, names("default"))
                                .answer(
                                        ack -> ack.setErrorDetail(
                                                Status.newBuilder().setCode(3).setMessage("no")),
                                        "ROOTCA")
                                .await("ROOTCA")),
                new CallCase("stream: an old nonce", caller -> {
                    var stream = registered(caller, names("default"));
                    stream.answer(ack -> ack.setResponseNonce("0000"), "ROOTCA");
                    stream.ack("default", "ALL").await("ALL");
                }),
                new CallCase("stream: a second question without a nonce", caller -> {
                    var stream = registered(caller, names("default"));
                    stream.ask(names("ROOTCA"));
                    stream.ack("default", "ALL").await("ALL");
                }),
                new CallCase(
                        "stream: the client ends it",
                        caller -> registered(caller, names("default")).complete()),
                new CallCase("version: of the first and of a changed secret", caller -> {
                    caller.register(caller.entry("a", "/one"));
                    caller.awaitEntries();
                    var stream =
                            Secrets.withVersions(caller).ask(names("default")).await("version 1");
                    stream.ack("default");
                    caller.update(caller.entry("a", "/one").addDnsNames("new.example.org"));
                    stream.await("version 2");
                }),
                new CallCase("version: of other names", caller -> {
                    caller.register(caller.entry("a", "/one"));
                    caller.awaitEntries();
                    var stream =
                            Secrets.withVersions(caller).ask(names("default")).await("version 1");
                    stream.ack("default", "ROOTCA").await(" of 2");
                }));
    }

    private static List<CallCase> plain() {
        return List.of(
                asked("plain: wished for", names(ID, DOMAIN).setNode(metadata(YES))),
                asked(
                        "plain: wished for as text",
                        names(ID, DOMAIN)
                                .setNode(metadata(Value.newBuilder()
                                        .setStringValue("true")
                                        .build()))),
                asked(
                        "plain: not wished for",
                        names(DOMAIN)
                                .setNode(metadata(Value.newBuilder()
                                        .setStringValue("false")
                                        .build()))),
                asked("plain: all bundles", names("ALL").setNode(metadata(YES))),
                asked("plain: federated trust domain", names(PARTNER).setNode(metadata(YES))),
                asked("plain: no names", names().setNode(metadata(YES))),
                asked("plain: an old Envoy", names(DOMAIN).setNode(version(1, 17))),
                asked("plain: a newer Envoy", names(DOMAIN).setNode(version(1, 18))));
    }

    private static Node.Builder metadata(Value wish) {
        return Node.newBuilder().setMetadata(Struct.newBuilder().putFields("disable_spiffe_cert_validation", wish));
    }

    private static Node.Builder version(int major, int minor) {
        return Node.newBuilder()
                .setUserAgentBuildVersion(BuildVersion.newBuilder()
                        .setVersion(SemanticVersion.newBuilder()
                                .setMajorNumber(major)
                                .setMinorNumber(minor)));
    }

    /** The same question on a stream and alone, of somebody who federates. */
    private static CallCase asked(String name, DiscoveryRequest.Builder request) {
        return new CallCase(name, caller -> {
            caller.register(caller.entry("a", "/one").addFederatesWith("partner.example"));
            caller.awaitEntries();
            open(caller, request).await(1);
            fetch(caller, request);
        });
    }

    private static Secrets registered(Callers caller, DiscoveryRequest.Builder request) {
        caller.register(caller.entry("a", "/one"));
        caller.awaitEntries();
        return open(caller, request).await(1);
    }

    private static Secrets open(Callers caller, DiscoveryRequest.Builder request) {
        return Secrets.open(caller).ask(request);
    }

    private static void fetch(Callers caller, DiscoveryRequest.Builder request) {
        caller.receive(
                        "fetch",
                        Secrets::words,
                        (side, received) -> SecretDiscoveryServiceGrpc.newStub(caller.channel(side))
                                .fetchSecrets(request.build(), received))
                .await(Integer.MAX_VALUE);
    }
}
