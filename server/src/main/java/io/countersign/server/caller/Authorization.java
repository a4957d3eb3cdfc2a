// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.caller;

import io.countersign.datastore.entry.RegistrationEntry;
import io.countersign.datastore.node.AttestedNodes;
import io.countersign.rpc.Peer;
import io.countersign.serverapi.types.PermissionDeniedDetails.Reason;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.x509.X509SvidValidator;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Lets a call in as the first of the callers that its method is for and its peer can be, or refuses it. */
public final class Authorization implements ServerInterceptor {
    private final Set<SpiffeId> admins;
    private final Function<SpiffeId, List<RegistrationEntry>> entriesOf;
    private final AgentCheck agents;

    /** @param entriesOf the entries that give a SPIFFE ID */
    public Authorization(
            Set<SpiffeId> admins,
            Function<SpiffeId, List<RegistrationEntry>> entriesOf,
            AttestedNodes nodes,
            KnownNodes known,
            InstantSource clock) {
        this.admins = Set.copyOf(admins);
        this.entriesOf = entriesOf;
        this.agents = new AgentCheck(nodes, known, clock);
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        var method = call.getMethodDescriptor().getFullMethodName();
        try {
            var caller = admit(method, Peer.current());
            return Contexts.interceptCall(Context.current().withValue(Caller.CONTEXT, caller), call, headers, next);
        } catch (StatusRuntimeException e) {
            call.close(e.getStatus(), Optional.ofNullable(e.getTrailers()).orElseGet(Metadata::new));
            return new ServerCall.Listener<>() {};
        }
    }

    private Caller admit(String method, Peer peer) {
        var rights = Right.of(method);
        if (rights.contains(Right.ANYONE)) {
            return new Caller.Anyone();
        }
        return switch (peer) {
            case Peer.LocalProcess process when rights.contains(Right.LOCAL) -> new Caller.Local(process);
            case Peer.Mtls mtls -> known(method, rights, mtls.chain().getFirst());
            case Peer.LocalProcess _, Peer.Anonymous _ ->
                throw Status.PERMISSION_DENIED.withDescription(words(method)).asRuntimeException();
        };
    }

    private Caller known(String method, Set<Right> rights, X509Certificate certificate) {
        var id = X509SvidValidator.idOf(certificate);
        if (rights.contains(Right.ADMIN) && admins.contains(id)) {
            return new Caller.Admin(id);
        }
        if (rights.contains(Right.ADMIN) || rights.contains(Right.DOWNSTREAM)) {
            var terms =
                    entriesOf.apply(id).stream().map(RegistrationEntry::terms).toList();
            if (rights.contains(Right.ADMIN) && terms.stream().anyMatch(RegistrationEntry.Terms::admin)) {
                return new Caller.Admin(id);
            }
            if (rights.contains(Right.DOWNSTREAM) && terms.stream().anyMatch(RegistrationEntry.Terms::downstream)) {
                return new Caller.Downstream(id);
            }
        }
        if (!rights.contains(Right.AGENT)) {
            throw Status.PERMISSION_DENIED.withDescription(words(method)).asRuntimeException();
        }
        Optional<Reason> refusal = agents.refusal(id, certificate);
        if (refusal.isPresent()) {
            throw Denial.of(words(method), refusal.get());
        }
        return new Caller.Agent(id);
    }

    private static String words(String method) {
        return "authorization denied for method /" + method;
    }
}
