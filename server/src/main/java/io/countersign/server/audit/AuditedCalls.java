// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.audit;

import io.countersign.launch.audit.AuditLog;
import io.countersign.launch.audit.AuditRecord;
import io.countersign.launch.audit.RefusalBudget;
import io.countersign.rpc.Peer;
import io.countersign.server.audit.Act.Item;
import io.countersign.server.wire.JoinTokenNames;
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
import java.util.SequencedMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has every issuance, change and refusal written before its answer goes out: an answer that cannot be written down is not
 * given. Stands around all that decide who may do what, so that it sees their refusals, too; {@link #beforeChanges()} goes inside.
 */
public final class AuditedCalls implements ServerInterceptor {
    private static final Logger log = LoggerFactory.getLogger(AuditedCalls.class);
    private static final Context.Key<Occasion> OCCASION = Context.key("io.countersign.server.audit");

    private final AuditLog audit;
    private final InstantSource clock;
    private final RefusalBudget strangers = new RefusalBudget();

    public AuditedCalls(AuditLog audit, InstantSource clock) {
        this.audit = audit;
        this.clock = clock;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        var occasion = new Occasion(call.getMethodDescriptor().getFullMethodName(), new Origin(Peer.current()));
        var listener = Contexts.interceptCall(
                Context.current().withValue(OCCASION, occasion), new Told<>(call, occasion), headers, next);
        return new SimpleForwardingServerCallListener<>(listener) {
            @Override
            public void onMessage(Q message) {
                occasion.request(message);
                super.onMessage(message);
            }
        };
    }

    /**
     * Inside of whatever decides who may call: writes down that a change was asked for, before it is made. So a crash
     * between the change and its answer leaves a trace, and a full disk is noticed while nothing has happened yet.
     */
    public ServerInterceptor beforeChanges() {
        return new ServerInterceptor() {
            @Override
            public <Q, A> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
                var occasion = OCCASION.get();
                occasion.origin().admitted();
                return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
                    private @Nullable Q request;

                    @Override
                    public void onMessage(Q message) {
                        request = message;
                        super.onMessage(message);
                    }

                    @Override
                    public void onHalfClose() {
                        if (request != null) {
                            occasion.asked(request);
                        }
                        super.onHalfClose();
                    }
                };
            }
        };
    }

    /** Writes what a role would refuse if it were not for a dry run. */
    public void wouldRefuse(String why) {
        write(List.of(OCCASION.get().record(AuditRecord.WOULD_REFUSE, why, About.nothing())));
    }

    private void write(List<AuditRecord> records) {
        try {
            audit.append(records);
        } catch (IOException e) {
            throw Status.INTERNAL
                    .withDescription("the audit file cannot be written, and without it nothing is issued or changed; "
                            + "the server's log says why")
                    .withCause(e)
                    .asRuntimeException();
        }
    }

    /** One call, as far as it has got. The calls of a stream come one after the other. */
    private final class Occasion {
        private final String method;
        private final Origin origin;
        private @Nullable Object first;

        Occasion(String method, Origin origin) {
            this.method = method;
            this.origin = origin;
        }

        Origin origin() {
            return origin;
        }

        Optional<Act<?, ?>> act() {
            return Act.of(method);
        }

        void request(Object message) {
            if (first == null) {
                first = message;
            }
        }

        /** A change comes as one request, and is made when the caller has said all. */
        void asked(Object request) {
            act().filter(Act::changes)
                    .ifPresent(act -> write(act.about(request).stream()
                            .map(about -> record(AuditRecord.ASKED, "", about))
                            .toList()));
        }

        void answered(Object reply) {
            var request = first;
            if (request != null) {
                act().ifPresent(act -> write(
                        act.outcome(request, reply).stream().map(this::record).toList()));
            }
        }

        private AuditRecord record(Item item) {
            return record(item.code().name(), item.message(), item.about());
        }

        AuditRecord record(String result, String reason, SequencedMap<String, String> about) {
            var event = act().map(Act::event).orElse("call");
            return new AuditRecord(
                    clock.instant(),
                    event,
                    result,
                    JoinTokenNames.hidden(reason),
                    hidden(origin.members(method)),
                    hidden(about));
        }

        /** A refusal that cannot be written stays one: there is nothing to hold back. */
        void refused(Status status) {
            if (act().isEmpty() && status.getCode() != Code.PERMISSION_DENIED) {
                return;
            }
            var unwritten = origin.isStranger() ? strangers.take(seconds()) : OptionalLong.of(0);
            if (unwritten.isPresent()) {
                tell(status, unwritten.getAsLong());
            }
        }

        private void tell(Status status, long unwritten) {
            var reason = Optional.ofNullable(status.getDescription()).orElse("");
            var records = abouts().stream()
                    .map(about -> {
                        if (unwritten > 0) {
                            about.put("refusals_not_written_before", Long.toString(unwritten));
                        }
                        return record(status.getCode().name(), reason, about);
                    })
                    .toList();
            try {
                audit.append(records);
            } catch (IOException e) {
                log.atError().setCause(e).addKeyValue("method", method).log("a refusal is missing in the audit file");
            }
        }

        private List<SequencedMap<String, String>> abouts() {
            var request = first;
            return request == null
                    ? List.of(About.nothing())
                    : act().map(act -> act.about(request)).orElseGet(() -> List.of(About.nothing()));
        }
    }

    private static Map<String, String> hidden(Map<String, String> values) {
        var hidden = new LinkedHashMap<String, String>();
        values.forEach((name, value) -> hidden.put(name, JoinTokenNames.hidden(value)));
        return hidden;
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
            if (!status.isOk()) {
                occasion.refused(status);
            }
            super.close(status, trailers);
        }
    }
}
