// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

final class FairShareTest {
    @Test
    void oneWhoTakesAllOfItsShareIsNotInTheWayOfOthers() throws Exception {
        var share = new FairShare<String>(1, Duration.ofMillis(50));
        var begun = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var first = threads.submit(() -> share.take("greedy", "looks", () -> {
                begun.countDown();
                try {
                    go.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                return "done";
            }));
            begun.await();

            var refused =
                    assertThrows(StatusRuntimeException.class, () -> share.take("greedy", "looks", () -> "too early"));
            assertEquals(Status.Code.RESOURCE_EXHAUSTED, refused.getStatus().getCode());
            assertEquals(
                    "1 looks of this user are under way, the most at once; try again later",
                    refused.getStatus().getDescription());
            assertEquals("served", share.take("other", "looks", () -> "served"));

            go.countDown();
            assertEquals("done", first.get());
        }
        assertEquals("served", share.take("greedy", "looks", () -> "served"));
    }
}
