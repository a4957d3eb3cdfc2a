// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.role;

import com.google.protobuf.Message;
import io.countersign.datastore.entry.RegistrationEntry;
import io.countersign.server.caller.Caller;
import io.countersign.server.config.RoleSettings;
import io.countersign.server.config.RoleSettings.Mode;
import io.countersign.server.wire.JoinTokenNames;
import io.countersign.spiffe.TrustDomain;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Narrows what administrators and local programs may do to what their roles allow. Agents, servers below and methods for
 * anyone are not its business, and neither is a question for the server's health. Stands inside of the authorization.
 */
public final class RoleCheck implements ServerInterceptor {
    private static final Logger log = LoggerFactory.getLogger(RoleCheck.class);
    private static final String HEALTH = "grpc.health.v1.Health/";

    /** Is told what a role would refuse if it were not for a dry run. */
    @FunctionalInterface
    public interface DryRun {
        void wouldRefuse(String why);
    }

    private final RoleSettings settings;
    private final Rules rules;
    private final DryRun dryRun;

    /** @param stored an entry by its id */
    public RoleCheck(
            RoleSettings settings,
            TrustDomain trustDomain,
            Function<String, Optional<RegistrationEntry>> stored,
            DryRun dryRun) {
        this.settings = settings;
        this.rules = new Rules(trustDomain, stored);
        this.dryRun = dryRun;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        var method = call.getMethodDescriptor().getFullMethodName();
        var grant = grant();
        if (grant.isEmpty() || method.startsWith(HEALTH)) {
            return next.startCall(call, headers);
        }
        var check = new CallCheck(method, grant.get());
        var answering = new NarrowedCall<>(call, check);
        return new HeldRequest<>(next.startCall(answering, headers), check);
    }

    private Optional<Grant> grant() {
        return switch (Caller.CONTEXT.get()) {
            case Caller.Local(var process) -> Optional.of(Grant.of(settings, process));
            case Caller.Admin(var id) -> Optional.of(Grant.of(settings, id));
            case Caller.Downstream _, Caller.Agent _, Caller.Anyone _ -> Optional.empty();
        };
    }

    /** One call. Its request comes before its answer, on one thread after the other. */
    final class CallCheck {
        private final String method;
        private final Grant grant;
        private Batch batch = Batch.NONE;

        CallCheck(String method, Grant grant) {
            this.method = method;
            this.grant = grant;
        }

        /** What is left of a request; refuses it if it is to be refused as a whole. */
        Message request(Message request) {
            var rule = rules.of(method).orElseThrow(() -> refused(words("no role can allow it")));
            return switch (rule) {
                case Rule.Whole(var needs) -> {
                    check(needs.apply(request));
                    yield request;
                }
                case Rule.Listing(var call, var _, var _) -> {
                    check(List.of(call));
                    yield request;
                }
                case Rule.Items(var field, var needs) -> {
                    batch = Batch.of(request, field, item -> refusal(needs.apply(request, item)));
                    yield batch.allowed(request);
                }
            };
        }

        /** What may be seen of an answer, with the refusals among it. */
        Message answer(Message answer) {
            return switch (rules.of(method).orElseThrow()) {
                case Rule.Whole _ -> answer;
                case Rule.Items _ -> batch.answered(answer);
                case Rule.Listing(var _, var field, var needs) ->
                    Batch.of(answer, field, item -> refusal(needs.apply(item))).allowed(answer);
            };
        }

        private void check(List<Need> needs) {
            refusal(needs).ifPresent(words -> {
                throw refused(words);
            });
        }

        /** Nothing if it is allowed, or if this is a dry run, which tells it. */
        private Optional<String> refusal(List<Need> needs) {
            var refusal = grant.refusal(needs).map(JoinTokenNames::hidden);
            if (refusal.isPresent() && settings.mode() == Mode.DRY_RUN) {
                log.atWarn()
                        .addKeyValue("method", "/" + method)
                        .addKeyValue("reason", refusal.get())
                        .log("roles would refuse this");
                dryRun.wouldRefuse(refusal.get());
                return Optional.empty();
            }
            return refusal.map(this::words);
        }

        private static RuntimeException refused(String words) {
            return Status.PERMISSION_DENIED.withDescription(words).asRuntimeException();
        }

        private String words(String why) {
            return "authorization denied for method /" + method + ": " + why;
        }
    }
}
