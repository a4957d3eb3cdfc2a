// SPDX-License-Identifier: Apache-2.0
package io.countersign.workloadapi;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/** The Workload API could not be asked, or refused, or answered with something that is against the standard. */
public final class WorkloadApiException extends RuntimeException {
    private static final long serialVersionUID = 1L;

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

    /** Whether asking again cannot help (SPIFFE Workload Endpoint, section 6): the request itself is wrong or the profile not served. */
    public boolean isFinal() {
        return code == Status.Code.INVALID_ARGUMENT || code == Status.Code.UNIMPLEMENTED;
    }
}
