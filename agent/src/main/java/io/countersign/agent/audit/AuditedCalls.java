// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.audit;

import io.countersign.agent.attest.Attestation;
import io.countersign.agent.attest.WorkloadAttestors;
import io.countersign.agent.audit.Repeats.Refusal;
import io.countersign.agentapi.delegated.FetchJWTSVIDsRequest;
import io.countersign.agentapi.delegated.SubscribeToX509SVIDsRequest;
import io.countersign.launch.audit.AuditLog;
import io.countersign.launch.audit.AuditRecord;
import io.countersign.launch.audit.RefusalBudget;
import io.countersign.rpc.Peer;
import io.countersign.serverapi.types.Selector;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.io.IOException;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has every identity that is handed out, and every refusal, written before the answer goes out: what cannot be written down
 * is not given. Stands around all that decides who is served.
 */
public final class AuditedCalls implements ServerInterceptor {
    private static final Logger log = LoggerFactory.getLogger(AuditedCalls.class);
    private static final Set<String> SERVICES = Set.of(
            "SpiffeWorkloadAPI",
            "envoy.service.secret.v3.SecretDiscoveryService",
            "spire.api.agent.delegatedidentity.v1.DelegatedIdentity");
    /** Gives nothing, and what it refuses is the token that it was asked about. */
    private static final String VERDICT = "SpiffeWorkloadAPI/ValidateJWTSVID";

    private final AuditLog audit;
    private final InstantSource clock;
    private final RefusalBudget budget = new RefusalBudget();
    private final Repeats repeats = new Repeats();

    public AuditedCalls(AuditLog audit, InstantSource clock) {
        this.audit = audit;
        this.clock = clock;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        var method = call.getMethodDescriptor();
        if (!SERVICES.contains(String.valueOf(method.getServiceName()))
                || method.getFullMethodName().equals(VERDICT)
                || !(Peer.current() instanceof Peer.LocalProcess process)) {
            return next.startCall(call, headers);
        }
        var found = new AtomicReference<Optional<Attestation>>(Optional.empty());
        var occasion = new Occasion(method.getFullMethodName(), Caller.of(process), found);
        var listener = Contexts.interceptCall(
                Context.current().withValue(WorkloadAttestors.FOUND, found), new Told<>(call, occasion), headers, next);
        return new SimpleForwardingServerCallListener<>(listener) {
            @Override
            public void onMessage(Q message) {
                occasion.asked(message);
                super.onMessage(message);
            }
        };
    }

    /** One call, as far as it has got. Its answers come one after the other. */
    private final class Occasion {
        private final String method;
        private final Caller caller;
        private final AtomicReference<Optional<Attestation>> found;
        private volatile Map<String, String> subject = Map.of();
        private Set<Handed> before = Set.of();

        Occasion(String method, Caller caller, AtomicReference<Optional<Attestation>> found) {
            this.method = method;
            this.caller = caller;
            this.found = found;
        }

        /** For whom a delegate acts. */
        void asked(Object request) {
            switch (request) {
                case SubscribeToX509SVIDsRequest svids -> subject = subject(svids.getPid(), svids.getSelectorsList());
                case FetchJWTSVIDsRequest svids -> subject = subject(svids.getPid(), svids.getSelectorsList());
                default -> {}
            }
        }

        private static Map<String, String> subject(int pid, List<Selector> selectors) {
            return pid != 0
                    ? Map.of("for_pid", Integer.toString(pid))
                    : Map.of(
                            "for_selectors",
                            selectors.stream()
                                    .map(selector -> io.countersign.agent.entry.Selector.withoutSecret(
                                            selector.getType(), selector.getValue()))
                                    .sorted()
                                    .collect(Collectors.joining(",")));
        }

        /** Only what this call has not given before: a stream repeats what it gave when something else changes. */
        synchronized void answered(Object answer) {
            var handed = Handed.in(answer);
            var records = handed.stream()
                    .filter(each -> !before.contains(each))
                    .map(each -> record(each.event(), "OK", "", each.about()))
                    .toList();
            try {
                audit.append(records);
            } catch (IOException e) {
                throw Status.INTERNAL
                        .withDescription("the audit file cannot be written, and without it nothing is handed out;"
                                + " the agent's log says why")
                        .withCause(e)
                        .asRuntimeException();
            }
            before = Set.copyOf(handed);
        }

        /** A refusal that cannot be written stays one: there is nothing to hold back. */
        void refused(Status status) {
            var reason = Optional.ofNullable(status.getDescription()).orElse("");
            var process = caller.process();
            var same = new Refusal(process.pid(), process.startTime(), method, reason);
            var alike = repeats.take(same, clock.instant());
            var others = alike.isEmpty() ? OptionalLong.empty() : budget.take(seconds());
            if (others.isEmpty()) {
                return;
            }
            var about = new LinkedHashMap<String, String>();
            if (alike.getAsLong() > 0) {
                about.put("times_before", Long.toString(alike.getAsLong()));
            }
            if (others.getAsLong() > 0) {
                about.put("refusals_not_written_before", Long.toString(others.getAsLong()));
            }
            try {
                audit.append(List.of(record("call", status.getCode().name(), reason, about)));
            } catch (IOException e) {
                log.atError().setCause(e).addKeyValue("method", method).log("a refusal is missing in the audit file");
            }
        }

        private AuditRecord record(String event, String result, String reason, Map<String, String> about) {
            var details = new LinkedHashMap<>(about);
            details.putAll(subject);
            return new AuditRecord(
                    clock.instant(), event, result, reason, caller.members(method, found.get()), details);
        }
    }

    private static long seconds() {
        return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime());
    }

    private static final class Told<Q, A> extends SimpleForwardingServerCall<Q, A> {
        private final Occasion occasion;

        Told(ServerCall<Q, A> call, Occasion occasion) {
            super(call);
            this.occasion = occasion;
        }

        @Override
        public void sendMessage(A message) {
            occasion.answered(message);
            super.sendMessage(message);
        }

        @Override
        public void close(Status status, Metadata trailers) {
            if (!status.isOk() && status.getCode() != Code.CANCELLED) {
                occasion.refused(status);
            }
            super.close(status, trailers);
        }
    }
}
