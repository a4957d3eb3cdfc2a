// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.upstream;

import com.google.protobuf.ByteString;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A request of this sidecar's own, over a connection of a cluster, and its whole answer. Lives on one event loop. */
public final class HttpCall implements UpstreamCluster.Waiting, UpstreamStream.Receiver {
    private static final int MOST_BYTES = 4 << 20;

    private final UpstreamCluster cluster;
    private final HttpRequest head;
    private final byte[] body;
    private final Consumer<Outcome> whoWaits;
    private final ByteString.Output answer = ByteString.newOutput();
    private @Nullable UpstreamStream stream;
    private @Nullable ScheduledFuture<?> timer;
    private int status;
    private HttpHeaders headers = EmptyHttpHeaders.INSTANCE;
    private boolean keep;
    private boolean over;

    /** What came of it. */
    public sealed interface Outcome {
        record Answered(int status, HttpHeaders headers, ByteString body, HttpHeaders trailers) implements Outcome {}

        record Failed(String why) implements Outcome {}
    }

    private HttpCall(UpstreamCluster cluster, HttpRequest head, byte[] body, Consumer<Outcome> whoWaits) {
        this.cluster = cluster;
        this.head = head;
        this.body = body;
        this.whoWaits = whoWaits;
    }

    /**
     * @param loop the caller's own
     * @param timeout zero switches it off
     * @param whoWaits told once, unless the call is cancelled, and perhaps before this returns
     */
    public static HttpCall start(
            UpstreamCluster cluster,
            EventLoop loop,
            HttpRequest head,
            byte[] body,
            Duration timeout,
            Consumer<Outcome> whoWaits) {
        var call = new HttpCall(cluster, head, body, whoWaits);
        if (!timeout.isZero()) {
            long millis = timeout.toMillis();
            call.timer =
                    loop.schedule(() -> call.fail("no answer within " + millis + " ms"), millis, TimeUnit.MILLISECONDS);
        }
        cluster.acquire(loop, call);
        return call;
    }

    /** Whether its outcome was told, or will not be. */
    public boolean isOver() {
        return over;
    }

    /** Nobody is told any more. */
    public void cancel() {
        var asked = end();
        if (asked != null) {
            asked.abort();
        }
    }

    private @Nullable UpstreamStream end() {
        over = true;
        if (timer != null) {
            timer.cancel(false);
        }
        var asked = stream;
        stream = null;
        if (asked != null) {
            cluster.finished();
        }
        return asked;
    }

    private void fail(String why) {
        if (!over) {
            cancel();
            whoWaits.accept(new Outcome.Failed(why));
        }
    }

    @Override
    public void ready(UpstreamStream ready) {
        if (over) {
            cluster.finished();
            ready.abort();
            return;
        }
        stream = ready;
        ready.begin(this);
        ready.write(head);
        ready.write(new DefaultLastHttpContent(Unpooled.wrappedBuffer(body)));
        ready.read();
        ready.flush();
    }

    @Override
    public void response(HttpResponse response) {
        if (response.status().codeClass() != HttpStatusClass.INFORMATIONAL) {
            status = response.status().code();
            headers = response.headers();
            keep = HttpUtil.isKeepAlive(response);
            cluster.answered(status);
        }
        readOn();
    }

    @Override
    public void answerContent(HttpContent content) {
        try {
            int length = content.content().readableBytes();
            if (answer.size() + length > MOST_BYTES) {
                fail("the answer is longer than " + MOST_BYTES + " bytes");
                return;
            }
            byte[] bytes = new byte[length];
            content.content().readBytes(bytes);
            answer.write(bytes, 0, length);
        } finally {
            content.release();
        }
        if (status > 0 && content instanceof LastHttpContent last) {
            finish(last.trailingHeaders());
        } else {
            readOn();
        }
    }

    private void readOn() {
        if (stream != null) {
            stream.read();
        }
    }

    private void finish(HttpHeaders trailers) {
        var done = end();
        if (done != null) {
            done.release(keep && !done.http2());
            whoWaits.accept(new Outcome.Answered(status, headers, answer.toByteString(), trailers));
        }
    }

    @Override
    public void lost(UpstreamFailure failure) {
        if (!over) {
            end();
            whoWaits.accept(new Outcome.Failed(failure.reset()));
        }
    }

    @Override
    public void writable() {
        // everything was written at once
    }

    @Override
    public void failed(UpstreamFailure failure, String host) {
        fail(failure.reset().isEmpty() ? "no endpoint is well" : failure.reset() + " " + failure.transport());
    }
}
