// SPDX-License-Identifier: Apache-2.0
package io.countersign.workloadapi;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Optional;

/** The Workload API could not be asked, or refused, or answered with something that is against the standard. */
public final class WorkloadApiException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private static final Metadata.Key<String> REFUSAL =
            Metadata.Key.of("countersign-refusal-id", Metadata.ASCII_STRING_MARSHALLER);

    private final Status.Code code;

    WorkloadApiException(Status.Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    static WorkloadApiException of(String asked, StatusRuntimeException e) {
        var status = e.getStatus();
        var words = status.getDescription() == null ? "no reason given" : status.getDescription();
        return new WorkloadApiException(status.getCode(), "%s: %s: %s".formatted(asked, status.getCode(), words), e);
    }

    static WorkloadApiException malformed(String asked, RuntimeException e) {
        return new WorkloadApiException(
                Status.Code.INTERNAL, asked + ": the agent's answer is against the standard: " + e.getMessage(), e);
    }

    /** gRPC's code; INTERNAL if the answer itself was wrong. */
    public Status.Code code() {
        return code;
    }

    /**
     * The id, another one for each call, by which the agent's operator finds out why this one was refused
     * ({@code agent explain -id}); an agent of SPIRE tells none.
     */
    public Optional<String> refusalId() {
        return getCause() instanceof StatusRuntimeException refused
                ? Optional.ofNullable(refused.getTrailers())
                        .flatMap(trailers -> Optional.ofNullable(trailers.get(REFUSAL)))
                : Optional.empty();
    }

    /** The message, with the id of the refusal if there is one: for a log. */
    public String words() {
        return getMessage() + refusalId().map(id -> "; refusal " + id).orElse("");
    }

    /** Whether asking again cannot help (SPIFFE Workload Endpoint, section 6): the request itself is wrong or the profile not served. */
    public boolean isFinal() {
        return code == Status.Code.INVALID_ARGUMENT || code == Status.Code.UNIMPLEMENTED;
    }
}
