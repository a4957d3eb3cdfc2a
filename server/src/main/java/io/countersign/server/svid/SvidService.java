// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.svid;

import com.google.protobuf.ByteString;
import io.countersign.ca.jwt.TokenTemplate;
import io.countersign.ca.x509.SvidTemplate;
import io.countersign.datastore.entry.RegistrationEntry;
import io.countersign.server.authority.Authorities;
import io.countersign.server.caller.CallLimits;
import io.countersign.server.caller.CallLimits.Limit;
import io.countersign.server.caller.Caller;
import io.countersign.server.config.ServerConfig;
import io.countersign.server.entry.AuthorizedEntries;
import io.countersign.server.svid.SigningRequest.UnprovenKeyException;
import io.countersign.server.wire.DnsNames;
import io.countersign.server.wire.Ids;
import io.countersign.server.wire.Results;
import io.countersign.serverapi.svid.BatchNewX509SVIDRequest;
import io.countersign.serverapi.svid.BatchNewX509SVIDResponse;
import io.countersign.serverapi.svid.MintJWTSVIDRequest;
import io.countersign.serverapi.svid.MintJWTSVIDResponse;
import io.countersign.serverapi.svid.MintX509SVIDRequest;
import io.countersign.serverapi.svid.MintX509SVIDResponse;
import io.countersign.serverapi.svid.NewDownstreamX509CARequest;
import io.countersign.serverapi.svid.NewDownstreamX509CAResponse;
import io.countersign.serverapi.svid.NewJWTSVIDRequest;
import io.countersign.serverapi.svid.NewJWTSVIDResponse;
import io.countersign.serverapi.svid.NewX509SVIDParams;
import io.countersign.serverapi.svid.SVIDGrpc;
import io.countersign.serverapi.types.JWTSVID;
import io.countersign.serverapi.types.SPIFFEID;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.jwt.JwtSvid;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.stub.StreamObserver;
import java.security.PublicKey;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** SPIRE's SVID service. */
public final class SvidService extends SVIDGrpc.SVIDImplBase {
    private final ServerConfig config;
    private final Authorities authorities;
    private final AuthorizedEntries authorized;
    private final CallLimits limits;
    private final InstantSource clock;

    public SvidService(
            ServerConfig config,
            Authorities authorities,
            AuthorizedEntries authorized,
            CallLimits limits,
            InstantSource clock) {
        this.config = config;
        this.authorities = authorities;
        this.authorized = authorized;
        this.limits = limits;
        this.clock = clock;
    }

    @Override
    public void mintX509SVID(MintX509SVIDRequest request, StreamObserver<MintX509SVIDResponse> response) {
        if (request.getCsr().isEmpty()) {
            throw invalid("missing CSR");
        }
        var wanted = parsed(request.getCsr());
        var id = minted(wanted);
        checkNames(wanted.dnsNames());
        var ttl = life(request.getTtl(), config.lives().x509Svid());
        var chain = authorities
                .current()
                .x509Issuer()
                .issueChain(
                        new SvidTemplate(id, wanted.key(), ttl, wanted.dnsNames(), wanted.subject()), clock.instant());
        response.onNext(MintX509SVIDResponse.newBuilder()
                .setSvid(SvidMessages.message(id, chain))
                .build());
        response.onCompleted();
    }

    private static SigningRequest parsed(ByteString csr) {
        try {
            return SigningRequest.parse(csr.toByteArray());
        } catch (UnprovenKeyException e) {
            throw invalid("failed to verify CSR signature: " + e.getMessage());
        } catch (IllegalArgumentException e) {
            throw invalid("malformed CSR: " + e.getMessage());
        }
    }

    private SpiffeId minted(SigningRequest wanted) {
        if (wanted.uris().isEmpty()) {
            throw invalid("CSR URI SAN is required");
        }
        if (wanted.uris().size() > 1) {
            throw invalid("only one URI SAN is expected");
        }
        try {
            return Ids.workload(SpiffeId.parse(wanted.uris().getFirst()), config.trustDomain());
        } catch (IllegalArgumentException e) {
            throw invalid("CSR URI SAN is invalid: " + e.getMessage());
        }
    }

    private static void checkNames(List<String> names) {
        try {
            names.forEach(DnsNames::check);
        } catch (IllegalArgumentException e) {
            throw invalid("CSR DNS name is invalid: " + e.getMessage());
        }
        try {
            DnsNames.checkOverlap(names);
        } catch (IllegalArgumentException e) {
            throw invalid("CSR DNS name contains a wildcard that covers another non-wildcard name: " + e.getMessage());
        }
    }

    private static Duration life(int seconds, Duration absent) {
        if (seconds < 0) {
            throw invalid("ttl " + seconds + ", expected none below 0");
        }
        return seconds == 0 ? absent : Duration.ofSeconds(seconds);
    }

    @Override
    public void mintJWTSVID(MintJWTSVIDRequest request, StreamObserver<MintJWTSVIDResponse> response) {
        checkEnabled();
        var id = workload(Ids.given(request.hasId(), request.getId()));
        var ttl = life(request.getTtl(), config.lives().jwtSvid());
        response.onNext(MintJWTSVIDResponse.newBuilder()
                .setSvid(token(id, request.getAudienceList(), ttl, false))
                .build());
        response.onCompleted();
    }

    private SpiffeId workload(Optional<SPIFFEID> message) {
        try {
            return Ids.workload(message, config.trustDomain());
        } catch (IllegalArgumentException e) {
            throw invalid("invalid SPIFFE ID: " + e.getMessage());
        }
    }

    @Override
    public void batchNewX509SVID(BatchNewX509SVIDRequest request, StreamObserver<BatchNewX509SVIDResponse> response) {
        if (request.getParamsCount() == 0) {
            throw invalid("missing parameters");
        }
        limits.take(Limit.SIGNING, request.getParamsCount(), "certificate signing");
        var entries = authorized.of(Caller.agent()).stream()
                .collect(Collectors.toMap(RegistrationEntry::id, Function.identity(), (a, b) -> a));
        var results = BatchNewX509SVIDResponse.newBuilder();
        request.getParamsList().forEach(wanted -> results.addResults(signed(wanted, entries)));
        response.onNext(results.build());
        response.onCompleted();
    }

    private BatchNewX509SVIDResponse.Result signed(NewX509SVIDParams wanted, Map<String, RegistrationEntry> entries) {
        if (wanted.getEntryId().isEmpty()) {
            return refused(Code.INVALID_ARGUMENT, "missing entry ID");
        }
        if (wanted.getCsr().isEmpty()) {
            return refused(Code.INVALID_ARGUMENT, "missing CSR");
        }
        var entry = Optional.ofNullable(entries.get(wanted.getEntryId()));
        if (entry.isEmpty()) {
            return refused(Code.NOT_FOUND, "entry not found or not authorized");
        }
        PublicKey key;
        try {
            key = SigningRequest.parse(wanted.getCsr().toByteArray()).key();
        } catch (UnprovenKeyException e) {
            return refused(Code.INVALID_ARGUMENT, "invalid CSR signature: " + e.getMessage());
        } catch (IllegalArgumentException e) {
            return refused(Code.INVALID_ARGUMENT, "malformed CSR: " + e.getMessage());
        }
        var terms = entry.get().terms();
        var ttl = terms.x509Ttl().isZero() ? config.lives().x509Svid() : terms.x509Ttl();
        var id = entry.get().spiffeId();
        var chain = authorities
                .current()
                .x509Issuer()
                .issueChain(new SvidTemplate(id, key, ttl, terms.dnsNames(), Optional.empty()), clock.instant());
        return BatchNewX509SVIDResponse.Result.newBuilder()
                .setStatus(Results.OK)
                .setSvid(SvidMessages.message(id, chain))
                .build();
    }

    private static BatchNewX509SVIDResponse.Result refused(Code code, String message) {
        return BatchNewX509SVIDResponse.Result.newBuilder()
                .setStatus(Results.of(code, message))
                .build();
    }

    @Override
    public void newDownstreamX509CA(
            NewDownstreamX509CARequest request, StreamObserver<NewDownstreamX509CAResponse> response) {
        limits.take(Limit.SIGNING, 1, "downstream CA signing");
        PublicKey key;
        try {
            key = SigningRequest.parse(request.getCsr().toByteArray()).key();
        } catch (UnprovenKeyException e) {
            throw invalid("invalid CSR signature: " + e.getMessage());
        } catch (IllegalArgumentException e) {
            throw invalid("malformed CSR: " + e.getMessage());
        }
        var ttl = request.getPreferredTtl() > 0
                ? Duration.ofSeconds(request.getPreferredTtl())
                : config.lives().authority();
        var signing = authorities.current();
        var chain = signing.x509Issuer().issueDownstream(config.trustDomain(), key, ttl, clock.instant());
        response.onNext(NewDownstreamX509CAResponse.newBuilder()
                .addAllCaCertChain(SvidMessages.der(chain))
                .addAllX509Authorities(SvidMessages.der(signing.trust().x509Authorities()))
                .build());
        response.onCompleted();
    }

    @Override
    public void newJWTSVID(NewJWTSVIDRequest request, StreamObserver<NewJWTSVIDResponse> response) {
        limits.take(Limit.TOKENS, 1, "JWT signing request");
        checkEnabled();
        var entry = authorized.of(Caller.agent()).stream()
                .filter(candidate -> candidate.id().equals(request.getEntryId()))
                .findAny()
                .orElseThrow(() -> Status.NOT_FOUND
                        .withDescription("entry not found or not authorized")
                        .asRuntimeException());
        var terms = entry.terms();
        var ttl = terms.jwtTtl().isZero() ? config.lives().jwtSvid() : terms.jwtTtl();
        response.onNext(NewJWTSVIDResponse.newBuilder()
                .setSvid(token(entry.spiffeId(), request.getAudienceList(), ttl, terms.uniqueTokens()))
                .build());
        response.onCompleted();
    }

    /** @param audience may hold empty names, which count for nothing */
    private JWTSVID token(SpiffeId id, List<String> audience, Duration ttl, boolean unique) {
        var named = audience.stream().filter(name -> !name.isEmpty()).toList();
        if (named.isEmpty()) {
            throw invalid("at least one audience is required");
        }
        var now = clock.instant();
        var template = new TokenTemplate(id, named, ttl, config.signing().jwtIssuer(), unique);
        var token = authorities
                .current()
                .jwtIssuer()
                .orElseThrow(SvidService::disabled)
                .issue(template, now);
        return JWTSVID.newBuilder()
                .setToken(token)
                .setId(Ids.message(id))
                .setExpiresAt(JwtSvid.parseInsecure(token).expiresAt().getEpochSecond())
                .setIssuedAt(now.getEpochSecond())
                .build();
    }

    private void checkEnabled() {
        if (config.signing().jwtDisabled()) {
            throw disabled();
        }
    }

    private static RuntimeException disabled() {
        return Status.UNIMPLEMENTED
                .withDescription("JWT functionality is disabled")
                .asRuntimeException();
    }

    private static RuntimeException invalid(String message) {
        return Status.INVALID_ARGUMENT.withDescription(message).asRuntimeException();
    }
}
