// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.grpc.Context;
import io.grpc.Context.CancellableContext;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class QuotaTest {
    private final AtomicLong now = new AtomicLong();

    private static CancellableContext take(Quota<String> quota, String who) {
        var call = Context.current().withCancellation();
        call.run(() -> quota.take(who));
        return call;
    }

    private static void refused(String words, Quota<String> quota, String who) {
        var refused = assertThrows(StatusRuntimeException.class, () -> take(quota, who));
        assertEquals(Status.Code.RESOURCE_EXHAUSTED, refused.getStatus().getCode());
        assertEquals(words, refused.getStatus().getDescription());
    }

    @Test
    void soManyAreOpenAtOnceUntilTheyEnd() {
        var quota = new Quota<String>("it", 2, 0, now::get);
        var first = take(quota, "a");
        take(quota, "a");
        refused("it has 2 calls open, the most at once; end some of them", quota, "a");
        take(quota, "b");
        first.cancel(null);
        take(quota, "a");
        refused("it has 2 calls open, the most at once; end some of them", quota, "a");
    }

    @Test
    void soManyBeginInASecond() {
        var quota = new Quota<String>("it", 0, 2, now::get);
        take(quota, "a").cancel(null);
        take(quota, "a").cancel(null);
        refused("it has begun 2 calls in a second, the most; ask again later", quota, "a");
        take(quota, "b");
        now.addAndGet(TimeUnit.MILLISECONDS.toNanos(500));
        take(quota, "a");
        refused("it has begun 2 calls in a second, the most; ask again later", quota, "a");
    }

    @Test
    void thoseWhoRestAreForgottenAndStartAfresh() {
        var quota = new Quota<String>("it", 1, 1, now::get);
        for (int i = 0; i < 3_000; i++) {
            take(quota, "caller " + i).cancel(null);
            now.addAndGet(TimeUnit.SECONDS.toNanos(1));
        }
        take(quota, "caller 0");
    }

    @Test
    void zeroIsNoLimit() {
        var quota = new Quota<String>("it", 0, 0, now::get);
        for (int i = 0; i < 3_000; i++) {
            take(quota, "a");
        }
    }
}
