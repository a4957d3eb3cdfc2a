// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.endpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.countersign.agent.endpoint.SameProcess.Guarded;
import io.countersign.rpc.ProcessImage;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What kernels do not do when they are asked to: processes that cannot be seen at times. */
final class SameProcessTest {
    private static final Optional<ProcessImage> UNSEEN = Optional.empty();
    private static final Optional<ProcessImage> SEEN = Optional.of(new ProcessImage(1, 2, 3, 4, 5, "6:7"));

    private final Call call = new Call();
    private final AtomicReference<Optional<ProcessImage>> now = new AtomicReference<>(SEEN);

    /** One that notes what goes to the client. */
    private static final class Call extends ServerCall<HealthCheckRequest, HealthCheckResponse> {
        private final List<HealthCheckResponse> sent = new ArrayList<>();
        private final List<Status.Code> ends = new ArrayList<>();

        @Override
        public void request(int messages) {}

        @Override
        public void sendHeaders(Metadata headers) {}

        @Override
        public void sendMessage(HealthCheckResponse message) {
            sent.add(message);
        }

        @Override
        public void close(Status status, Metadata trailers) {
            ends.add(status.getCode());
        }

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public MethodDescriptor<HealthCheckRequest, HealthCheckResponse> getMethodDescriptor() {
            return HealthGrpc.getCheckMethod();
        }
    }

    private Guarded<HealthCheckRequest, HealthCheckResponse> guarded(Optional<ProcessImage> atTheBeginning) {
        return new Guarded<>(call, now::get, atTheBeginning);
    }

    private void assertWithheld(Guarded<HealthCheckRequest, HealthCheckResponse> guarded) {
        int before = call.sent.size();
        assertThrows(StatusRuntimeException.class, () -> guarded.sendMessage(HealthCheckResponse.getDefaultInstance()));
        guarded.close(Status.OK, new Metadata());
        assertEquals(before, call.sent.size());
        assertEquals(List.of(Status.Code.UNAUTHENTICATED), call.ends);
    }

    @Test
    void processThatStaysTheSameIsAnswered() {
        guarded(SEEN).sendMessage(HealthCheckResponse.getDefaultInstance());
        assertEquals(1, call.sent.size());
    }

    @Test
    void processThatIsSeenOnlyLaterGetsNoAnswer() {
        assertWithheld(guarded(UNSEEN));
    }

    @Test
    void processThatIsSeenNoMoreGetsNoAnswer() {
        now.set(UNSEEN);
        assertWithheld(guarded(SEEN));
    }

    /** One of another namespace of processes, of which only what is for everybody answers. */
    @Test
    void processThatIsNeverSeenIsAnswered() {
        now.set(UNSEEN);
        guarded(UNSEEN).sendMessage(HealthCheckResponse.getDefaultInstance());
        assertEquals(1, call.sent.size());
    }
}
