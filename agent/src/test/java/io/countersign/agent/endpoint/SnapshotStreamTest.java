// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.endpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.agent.TestDomain;
import io.countersign.agent.identity.Snapshots;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class SnapshotStreamTest {
    /** Not ready when it is looked at for the first and the second time. */
    private static final class SlowClient extends ServerCallStreamObserver<String> {
        final BlockingQueue<String> told = new LinkedBlockingQueue<>();
        private final AtomicInteger looks = new AtomicInteger();

        @Override
        public boolean isReady() {
            return looks.incrementAndGet() > 2;
        }

        @Override
        public void onNext(String answer) {
            told.add(answer);
        }

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onCompleted() {}

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public void setOnCancelHandler(Runnable handler) {}

        @Override
        public void setOnReadyHandler(Runnable handler) {}

        @Override
        public void setCompression(String compression) {}

        @Override
        public void setMessageCompression(boolean enable) {}

        @Override
        public void disableAutoInboundFlowControl() {}

        @Override
        public void request(int count) {}
    }

    @Test
    void aClientThatIsReadyLaterIsToldWithoutAnotherChange() throws Exception {
        var client = new SlowClient();
        var streams = new SnapshotStream(new Snapshots(TestDomain.HOME));
        var call = Context.current().withCancellation();
        var serving = Thread.ofVirtual().start(call.wrap(() -> streams.serve(client, _ -> Optional.of("the answer"))));
        try {
            assertEquals("the answer", client.told.poll(20, TimeUnit.SECONDS));
        } finally {
            call.cancel(null);
            assertTrue(serving.join(Duration.ofSeconds(20)));
        }
    }
}
