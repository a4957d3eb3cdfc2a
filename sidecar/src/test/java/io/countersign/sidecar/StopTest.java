// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A sidecar that ends while others are busy with it. */
@Timeout(60)
class StopTest {
    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch answer = new CountDownLatch(1);

    @TempDir
    Path folder;

    private void awaitAnswer() {
        asked.countDown();
        try {
            answer.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void isNotHeldUpByAnAnswerThatDoesNotCome() throws Exception {
        try (var hop = new Hop(folder, exchange -> {
            awaitAnswer();
            Hop.echoHeaders(exchange);
        })) {
            hop.agent("a", Hop.BACKEND);
            hop.agent("b", Hop.FRONTEND);
            var backend = hop.backend("a", text -> text);
            var frontend = hop.frontend("b", backend, Hop::overHttp2);
            var response = hop.client.sendAsync(hop.request(frontend, "/").build(), BodyHandlers.ofString());
            asked.await();

            // a stream that is open holds its connection for as long as it likes
            assertTimeout(Duration.ofSeconds(20), backend::close);
            assertEquals(503, response.join().statusCode());
            answer.countDown();
        }
    }
}
