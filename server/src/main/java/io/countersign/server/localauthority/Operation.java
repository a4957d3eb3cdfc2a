// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.localauthority;

import io.countersign.ca.x509.KeyIds;
import io.countersign.datastore.authority.AuthorityRecord;
import io.countersign.datastore.authority.AuthorityRecord.Kind;
import io.countersign.datastore.authority.AuthorityRecord.State;
import io.countersign.server.authority.Authorities;
import io.countersign.serverapi.localauthority.AuthorityState;
import io.countersign.spiffe.x509.Der;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.io.IOException;
import java.util.Base64;
import java.util.Optional;

/** SPIRE's rules of what may be done with an authority of one kind, and its words for what may not. */
final class Operation {
    private final Authorities authorities;
    private final Kind kind;

    Operation(Authorities authorities, Kind kind) {
        this.authorities = authorities;
        this.kind = kind;
    }

    AuthorityState active() {
        return state(authorities.current().active(kind));
    }

    /** The authority beside the active one, if it is in that state. */
    Optional<AuthorityState> beside(State state) {
        return beside().filter(record -> record.state() == state).map(Operation::state);
    }

    private Optional<AuthorityRecord> beside() {
        return authorities.current().beside(kind);
    }

    AuthorityState prepare() {
        try {
            return state(authorities.prepare(kind));
        } catch (IOException e) {
            throw Status.INTERNAL
                    .withDescription("failed to prepare " + words() + " authority: " + e.getMessage())
                    .withCause(e)
                    .asRuntimeException();
        }
    }

    AuthorityState activate(String authorityId) {
        var next = named(authorityId);
        if (next.state() != State.PREPARED) {
            throw refusal(
                    Code.INTERNAL,
                    "only Prepared authorities can be activated: unsupported local authority status: " + next.state());
        }
        return state(authorities.activate(kind, authorityId).orElseThrow(Operation::unexpected));
    }

    /** The old authority. */
    AuthorityState taint(String authorityId) {
        if (isActive(authorityId)) {
            throw refusal(Code.INVALID_ARGUMENT, "unable to taint current local authority");
        }
        var old = named(authorityId);
        if (old.state() != State.OLD) {
            throw refusal(
                    Code.INVALID_ARGUMENT,
                    "only Old local authorities can be tainted: unsupported local authority status: " + old.state());
        }
        taint(authorityId, words());
        return state(old);
    }

    private boolean isActive(String authorityId) {
        return authorities.current().active(kind).authorityId().equals(authorityId);
    }

    private boolean isOld(String authorityId) {
        return beside(State.OLD)
                .filter(old -> old.getAuthorityId().equals(authorityId))
                .isPresent();
    }

    private AuthorityRecord named(String authorityId) {
        if (authorityId.isEmpty()) {
            throw refusal(Code.INVALID_ARGUMENT, "no authority ID provided");
        }
        return beside().filter(record -> record.authorityId().equals(authorityId))
                .orElseThrow(Operation::unexpected);
    }

    /** @param what for an error */
    void taint(String authorityId, String what) {
        var problem = switch (authorities.taint(kind, authorityId)) {
            case DONE -> Optional.<String>empty();
            case TAINTED_BEFORE ->
                Optional.of(kind == Kind.X509 ? "root CA is already tainted" : "key is already tainted");
            case UNKNOWN ->
                Optional.of(
                        kind == Kind.X509
                                ? "no ca found with provided subject key ID"
                                : "no JWT Key found with provided key ID");
        };
        problem.ifPresent(words -> {
            throw refusal(Code.INTERNAL, "failed to taint " + what + " authority: " + words);
        });
    }

    /** @param what for an error */
    void revoke(String authorityId, String what) {
        var problem = switch (authorities.revoke(kind, authorityId)) {
            case DONE -> Optional.<String>empty();
            case NOT_TAINTED ->
                Optional.of("it is not possible to revoke an untainted " + (kind == Kind.X509 ? "root CA" : "key"));
            case UNKNOWN ->
                Optional.of(
                        kind == Kind.X509
                                ? "no root CA found with provided subject key ID"
                                : "no JWT Key found with provided key ID");
        };
        problem.ifPresent(words -> {
            throw refusal(Code.INTERNAL, "failed to revoke " + what + " authority: " + words);
        });
    }

    /** Of X.509 only the old authority of this server may be revoked. */
    void requireOld(String authorityId) {
        if (authorityId.isEmpty()) {
            throw invalidId("no authority ID provided");
        }
        if (isActive(authorityId)) {
            throw invalidId("unable to use current authority");
        }
        if (!isOld(authorityId)) {
            throw invalidId("only Old local authority can be revoked");
        }
    }

    /** Of keys that sign tokens any may be revoked that does not sign here, now or next. */
    void requireUnused(String authorityId) {
        if (authorityId.isEmpty()) {
            throw invalidId("no authority ID provided");
        }
        if (beside(State.PREPARED)
                .filter(prepared -> prepared.getAuthorityId().equals(authorityId))
                .isPresent()) {
            throw invalidId("unable to use a prepared key");
        }
        if (isActive(authorityId)) {
            throw invalidId("unable to use current authority");
        }
        boolean published = authorities.current().published().authorities().stream()
                .anyMatch(authority ->
                        authority.kind() == kind && authority.authorityId().equals(authorityId));
        if (!published && !isOld(authorityId)) {
            throw invalidId("no " + words() + " authority found with provided authority ID");
        }
    }

    /** An authority above may be given up once only an old authority of this server is below it. */
    void requireLeft(String subjectKeyId, String words) {
        if (subjectKeyId.isEmpty()) {
            throw refusal(Code.INVALID_ARGUMENT, words + ": no subject key ID provided");
        }
        if (active().getUpstreamAuthoritySubjectKeyId().equals(subjectKeyId)) {
            throw refusal(
                    Code.INVALID_ARGUMENT, words + ": unable to use upstream authority singing current authority");
        }
        var below = beside().filter(record -> upstreamId(record).equals(subjectKeyId))
                .orElseThrow(() -> refusal(
                        Code.INVALID_ARGUMENT, words + ": upstream authority didn't sign the old local authority"));
        if (below.state() == State.PREPARED) {
            throw refusal(
                    Code.INVALID_ARGUMENT, words + ": only upstream authorities signing an old authority can be used");
        }
    }

    private String words() {
        return switch (kind) {
            case X509 -> "X.509";
            case JWT -> "JWT";
        };
    }

    private static AuthorityState state(AuthorityRecord record) {
        return AuthorityState.newBuilder()
                .setAuthorityId(record.authorityId())
                .setExpiresAt(record.notAfter().getEpochSecond())
                .setUpstreamAuthoritySubjectKeyId(upstreamId(record))
                .build();
    }

    private static String upstreamId(AuthorityRecord record) {
        return switch (record.kind()) {
            case X509 ->
                KeyIds.authority(Der.parseCertificates(Base64.getDecoder().decode(record.material()))
                        .getFirst());
            case JWT -> "";
        };
    }

    private static RuntimeException unexpected() {
        return refusal(Code.INVALID_ARGUMENT, "unexpected authority ID");
    }

    private static RuntimeException invalidId(String why) {
        return refusal(Code.INVALID_ARGUMENT, "invalid authority ID: " + why);
    }

    private static RuntimeException refusal(Code code, String words) {
        return code.toStatus().withDescription(words).asRuntimeException();
    }
}
