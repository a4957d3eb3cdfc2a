// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.agent;

import com.google.protobuf.InvalidProtocolBufferException;
import io.countersign.it.process.Side;
import io.countersign.sdsapi.core.DataSource;
import io.countersign.sdsapi.discovery.DiscoveryRequest;
import io.countersign.sdsapi.discovery.DiscoveryResponse;
import io.countersign.sdsapi.secret.SecretDiscoveryServiceGrpc;
import io.countersign.sdsapi.tls.SPIFFECertValidatorConfig;
import io.countersign.sdsapi.tls.Secret;
import io.countersign.spiffe.x509.Pem;
import io.grpc.stub.StreamObserver;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;

/** A conversation with each agent's secret discovery service. */
final class Secrets {
    static final String TYPE = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret";

    private final Map<Side, StreamObserver<DiscoveryRequest>> requests = new EnumMap<>(Side.class);
    private final Callers.Pair<DiscoveryResponse> responses;

    private Secrets(Callers caller, BiFunction<Words, DiscoveryResponse, String> words) {
        responses = caller.receive(
                "stream",
                words,
                (side, received) -> requests.put(
                        side,
                        SecretDiscoveryServiceGrpc.newStub(caller.channel(side)).streamSecrets(received)));
    }

    static Secrets open(Callers caller) {
        return new Secrets(caller, Secrets::words);
    }

    /** Of which only versions count. */
    static Secrets withVersions(Callers caller) {
        return new Secrets(
                caller,
                (_, response) -> "version " + response.getVersionInfo() + " of " + response.getResourcesCount());
    }

    static DiscoveryRequest.Builder names(String... names) {
        return DiscoveryRequest.newBuilder().setTypeUrl(TYPE).addAllResourceNames(List.of(names));
    }

    Secrets ask(DiscoveryRequest.Builder request) {
        requests.values().forEach(each -> each.onNext(request.build()));
        return this;
    }

    /** Answers the last response of each side: {@code change} makes an ACK for these names something else. */
    Secrets answer(UnaryOperator<DiscoveryRequest.Builder> change, String... names) {
        for (var side : Side.values()) {
            var last = responses.of(side).last();
            var request = names(names);
            last.ifPresent(response ->
                    request.setVersionInfo(response.getVersionInfo()).setResponseNonce(response.getNonce()));
            Objects.requireNonNull(requests.get(side))
                    .onNext(change.apply(request).build());
        }
        return this;
    }

    Secrets ack(String... names) {
        return answer(UnaryOperator.identity(), names);
    }

    Secrets await(int states) {
        responses.await(states);
        return this;
    }

    Secrets await(String part) {
        responses.await(part);
        return this;
    }

    void complete() {
        requests.values().forEach(StreamObserver::onCompleted);
        responses.await(Integer.MAX_VALUE);
    }

    /** The order of secrets means nothing to their clients, who know them by name. */
    static String words(Words names, DiscoveryResponse response) {
        var words = new TreeSet<String>();
        response.getResourcesList().forEach(each -> {
            try {
                words.add(each.getTypeUrl().equals(TYPE) ? words(names, each.unpack(Secret.class)) : each.getTypeUrl());
            } catch (InvalidProtocolBufferException e) {
                throw new IllegalStateException(e);
            }
        });
        return "nonce of " + response.getNonce().length() + ", type " + response.getTypeUrl() + "\n"
                + response.getResourcesCount() + ": " + String.join("\n", words);
    }

    private static String words(Words names, Secret secret) throws InvalidProtocolBufferException {
        var words = secret.getName() + " " + secret.getTypeCase() + " ";
        return words
                + switch (secret.getTypeCase()) {
                    case TLS_CERTIFICATE ->
                        certificates(names, secret.getTlsCertificate().getCertificateChain()) + " "
                                + text(secret.getTlsCertificate().getPrivateKey())
                                        .lines()
                                        .findFirst()
                                        .orElse("");
                    case VALIDATION_CONTEXT -> {
                        var context = secret.getValidationContext();
                        if (!context.hasCustomValidatorConfig()) {
                            yield certificates(names, context.getTrustedCa());
                        }
                        var custom = context.getCustomValidatorConfig();
                        var config = custom.getTypedConfig().unpack(SPIFFECertValidatorConfig.class);
                        var domains = new ArrayList<String>();
                        config.getTrustDomainsList()
                                .forEach(domain -> domains.add(
                                        domain.getName() + " " + certificates(names, domain.getTrustBundle())));
                        yield custom.getName() + " " + custom.getTypedConfig().getTypeUrl() + " " + domains;
                    }
                    default -> "";
                };
    }

    private static String certificates(Words names, DataSource source) {
        return source.getSpecifierCase() + " "
                + Pem.parseCertificates(text(source).getBytes(StandardCharsets.US_ASCII)).stream()
                        .map(names::certificateOrAuthority)
                        .toList();
    }

    private static String text(DataSource source) {
        return source.getInlineBytes().toStringUtf8() + source.getInlineString();
    }
}
