// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.http;

import io.countersign.sidecar.upstream.Connection;
import io.countersign.sidecar.upstream.UpstreamCluster;
import io.countersign.sidecar.upstream.UpstreamFailure;
import io.countersign.sidecar.upstream.UpstreamStream;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import org.jspecify.annotations.Nullable;

/** One try to have a request answered by a cluster. Once it is over, nobody hears of it any more. Lives on one event loop. */
final class Attempt implements UpstreamCluster.Waiting, UpstreamStream.Receiver {
    /** The request that is tried. */
    interface Owner {
        void ready();

        /** No connection could be had; the attempt is over. */
        void failed(UpstreamFailure failure, String host);

        void response(HttpResponse response);

        void answerContent(HttpContent content);

        /** What has come of the answer is all for now. */
        void answerPaused();

        /** Nothing more will come; the attempt is over. */
        void lost(UpstreamFailure failure);

        /** More of the request can be taken. */
        void writable();
    }

    private final UpstreamCluster cluster;
    private final Owner owner;
    private @Nullable UpstreamStream stream;
    private long began;
    private boolean http2;
    private boolean over;

    Attempt(UpstreamCluster cluster, Owner owner) {
        this.cluster = cluster;
        this.owner = owner;
    }

    void start(EventLoop loop) {
        cluster.acquire(loop, this);
    }

    @Override
    public void ready(UpstreamStream ready) {
        if (over) {
            cluster.finished();
            ready.release(!ready.http2());
            return;
        }
        stream = ready;
        http2 = ready.http2();
        ready.begin(this);
        owner.ready();
    }

    @Override
    public void failed(UpstreamFailure failure, String host) {
        if (!over) {
            over = true;
            owner.failed(failure, host);
        }
    }

    private UpstreamStream stream() {
        if (stream == null) {
            throw new IllegalStateException("the attempt has no connection yet, or no more");
        }
        return stream;
    }

    Connection connection() {
        return stream().connection();
    }

    boolean http2() {
        return http2;
    }

    boolean connected() {
        return stream != null;
    }

    void begin(HttpRequest head) {
        began = System.nanoTime();
        stream().write(head);
        stream().read();
    }

    /** Since the head went out. */
    long millis() {
        return (System.nanoTime() - began) / 1_000_000;
    }

    /** Takes the content over. */
    void write(HttpContent content) {
        // HTTP/1.1 trailers are not forwarded, as their meaning is between neighbours
        stream()
                .write(
                        content instanceof LastHttpContent last
                                ? http2
                                        ? new DefaultLastHttpContent(last.content(), last.trailingHeaders())
                                        : new DefaultLastHttpContent(last.content())
                                : content);
    }

    boolean writableNow() {
        return stream != null && stream.writableNow();
    }

    void flush() {
        if (stream != null) {
            stream.flush();
        }
    }

    /** Asks for the next piece of the answer. */
    void read() {
        if (stream != null) {
            stream.read();
        }
    }

    /** The answer is complete. */
    void release(boolean reusable) {
        var done = stream;
        end();
        if (done != null) {
            done.release(reusable && !done.http2());
        }
    }

    /** Gives up, wherever it stands. */
    void abort() {
        var aborted = stream;
        end();
        if (aborted != null) {
            aborted.abort();
        }
    }

    private void end() {
        over = true;
        if (stream != null) {
            stream = null;
            cluster.finished();
        }
    }

    @Override
    public void response(HttpResponse response) {
        owner.response(response);
    }

    @Override
    public void answerContent(HttpContent content) {
        owner.answerContent(content);
    }

    @Override
    public void answerPaused() {
        owner.answerPaused();
    }

    @Override
    public void lost(UpstreamFailure failure) {
        end();
        owner.lost(failure);
    }

    @Override
    public void writable() {
        owner.writable();
    }
}
