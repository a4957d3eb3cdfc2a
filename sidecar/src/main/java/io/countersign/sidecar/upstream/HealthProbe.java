// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.upstream;

import io.countersign.sidecar.bootstrap.HealthCheck.Question;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Asks one endpoint whether it is well, over a connection like those of requests. */
final class HealthProbe {
    /** What came of a question. */
    enum Result {
        WELL,
        /** It says itself that it is not. */
        UNWELL,
        /** It says nothing. */
        SILENT
    }

    private final EventLoop loop;
    private final Connector connector;
    private final SocketAddress endpoint;
    private final HttpPool pool;
    private final Question question;

    /** @param pool of connections to that endpoint */
    HealthProbe(EventLoop loop, Connector connector, SocketAddress endpoint, HttpPool pool, Question question) {
        this.loop = loop;
        this.connector = connector;
        this.endpoint = endpoint;
        this.pool = pool;
        this.question = question;
    }

    /** Blocks until there is an answer, or for so long. */
    Result ask(Duration timeout) throws InterruptedException {
        var result = new CompletableFuture<Result>();
        switch (question) {
            case Question.Tcp tcp -> loop.execute(() -> connector.connect(loop, endpoint, new Touch(result)));
            case Question.Http http -> loop.execute(() -> pool.acquire(new Exchange(http, result)));
        }
        try {
            return result.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            result.complete(Result.SILENT);
            return Result.SILENT;
        } catch (ExecutionException e) {
            throw new IllegalStateException("a probe has failed instead of answering", e);
        }
    }

    /** Nothing is asked any more, and no connection waits for it. */
    void close() {
        try {
            loop.execute(pool::retire);
        } catch (RejectedExecutionException e) {
            // the sidecar ends, and its connections with it
        }
    }

    private record Touch(CompletableFuture<Result> result) implements Connection.Waiting {
        @Override
        public void connected(Connection connection) {
            result.complete(Result.WELL);
            var _ = connection.channel().close();
        }

        @Override
        public void failed(UpstreamFailure failure, String host) {
            result.complete(Result.SILENT);
        }
    }

    /** One request with its answer, of which only the status counts. */
    private static final class Exchange implements HttpPool.Waiting, UpstreamStream.Receiver {
        private final Question.Http question;
        private final CompletableFuture<Result> result;
        private @Nullable UpstreamStream stream;
        private @Nullable Result answer;
        private boolean keep;

        Exchange(Question.Http question, CompletableFuture<Result> result) {
            this.question = question;
            this.result = result;
        }

        @Override
        public void ready(UpstreamStream ready) {
            stream = ready;
            ready.begin(this);
            // who has waited too long asks again later, over another connection
            var _ = result.whenComplete((found, _) -> giveUp(ready));
            ready.write(request());
            ready.write(LastHttpContent.EMPTY_LAST_CONTENT);
            ready.read();
            ready.flush();
        }

        private void giveUp(UpstreamStream asked) {
            asked.connection().channel().eventLoop().execute(() -> {
                if (stream != null) {
                    stream = null;
                    asked.abort();
                }
            });
        }

        private HttpRequest request() {
            var request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, question.path());
            request.headers().set(HttpHeaderNames.HOST, question.host()).set(HttpHeaderNames.USER_AGENT, "Envoy/HC");
            return request;
        }

        @Override
        public void response(HttpResponse response) {
            keep = HttpUtil.isKeepAlive(response);
            int status = response.status().code();
            if (status >= 200) {
                boolean well = question.expected().stream().anyMatch(statuses -> statuses.contain(status));
                answer = well ? Result.WELL : Result.UNWELL;
            }
            readOn();
        }

        @Override
        public void answerContent(HttpContent content) {
            content.release();
            if (answer == null || !(content instanceof LastHttpContent) || stream == null) {
                readOn();
                return;
            }
            var done = stream;
            stream = null;
            done.release(keep && !done.http2());
            result.complete(answer);
        }

        private void readOn() {
            if (stream != null) {
                stream.read();
            }
        }

        @Override
        public void lost(UpstreamFailure failure) {
            stream = null;
            result.complete(Result.SILENT);
        }

        @Override
        public void writable() {
            // everything was written at once
        }

        @Override
        public void failed(UpstreamFailure failure, String host) {
            result.complete(Result.SILENT);
        }
    }
}
