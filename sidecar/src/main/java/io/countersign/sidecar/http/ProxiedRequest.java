// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.http;

import io.countersign.sidecar.bootstrap.RouteTable;
import io.countersign.sidecar.bootstrap.RouteTable.Target;
import io.countersign.sidecar.exchange.Exchange;
import io.countersign.sidecar.exchange.ResponseFlag;
import io.countersign.sidecar.upstream.UpstreamCluster;
import io.countersign.sidecar.upstream.UpstreamFailure;
import io.countersign.sidecar.upstream.UpstreamStream;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One request on its way through: judged, routed, carried, answered, logged. Lives on one event loop. */
final class ProxiedRequest implements UpstreamCluster.Waiting, UpstreamStream.Receiver {
    private final HttpStream stream;
    private final HttpService service;
    private final ClientConnection client;
    private final Exchange exchange;
    private final boolean http2;
    private final Deadlines deadlines;

    private @Nullable HttpRequest original;
    private Router.@Nullable Found found;
    private Target.@Nullable ToCluster target;
    private @Nullable UpstreamCluster cluster;
    private @Nullable UpstreamStream upstream;
    private boolean keepClient = true;
    private boolean keepUpstream = true;
    private boolean requestDone;
    private boolean answerBegun;
    private boolean over;
    private boolean holding;
    private long forwarded;

    ProxiedRequest(HttpStream stream, HttpService service, ClientConnection client, Exchange exchange, boolean http2) {
        this.stream = stream;
        this.service = service;
        this.client = client;
        this.exchange = exchange;
        this.http2 = http2;
        this.deadlines =
                new Deadlines(stream.context().executor(), service.config().timeouts(), this::expired);
    }

    void start(HttpRequest request) {
        original = request;
        deadlines.requestBegan();
        keepClient = http2 || HttpUtil.isKeepAlive(request);
        var headers = RequestHead.sanitized(request);
        exchange.request(
                request.method().name(),
                request.uri(),
                Optional.ofNullable(request.headers().get(HttpHeaderNames.HOST)).orElse(""),
                http2 ? "HTTP/2" : request.protocolVersion().text(),
                headers);
        var refusal = RequestCheck.target(exchange, service.config().paths());
        if (refusal.isPresent()) {
            keepClient &= http2 || refusal.get().equals(Answer.NO_ABSOLUTE_PATH);
            answer(refusal.get());
            return;
        }
        if (!service.config().useRemoteAddress()) {
            RequestHead.claimRemote(headers, exchange);
        }
        RequestHead.forwarded(headers, client, service.config());
        service.config().clientCert().apply(headers, exchange.downstreamTls());
        // before the rules, so that the log says where a request would have gone that they turn away
        boolean connect = exchange.method().equals("CONNECT");
        found = connect ? null : service.router().route(exchange).orElse(null);
        if (connect || RequestCheck.upgrades(request)) {
            keepClient &= http2;
        }
        if (found != null) {
            exchange.routed(
                    found.route().name(), found.route().target() instanceof Target.ToCluster to ? to.cluster() : "");
        }
        var denial = RequestCheck.rules(exchange, service);
        if (denial.isPresent()) {
            answer(denial.get());
        } else if (found == null) {
            answer(Answer.NO_ROUTE);
        } else if (RequestCheck.upgrades(request)) {
            answer(Answer.UPGRADE_REFUSED);
        } else {
            send(found);
        }
    }

    private void send(Router.Found found) {
        switch (found.route().target()) {
            case Target.Answer(int status, String body) -> {
                answer(Answer.direct(status, body));
            }
            case Target.ToCluster to -> {
                target = to;
                cluster = service.cluster(to.cluster());
                cluster.acquire(stream.context().channel().eventLoop(), this);
            }
        }
    }

    @Override
    public void ready(UpstreamStream ready) {
        if (over) {
            releaseUnused(ready);
            return;
        }
        if (original == null || found == null || target == null) {
            throw new IllegalStateException("an upstream without a route");
        }
        upstream = ready;
        holding = true;
        ready.begin(this);
        var connection = ready.connection();
        exchange.upstream(connection.host(), connection.channel().localAddress(), connection.tls());
        var head = RequestHead.forUpstream(original, exchange, found, target, service.config());
        if (HttpUtil.is100ContinueExpected(original)) {
            stream.context()
                    .writeAndFlush(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE))
                    .addListener(written -> deadlines.progress());
        }
        forwarded = System.nanoTime();
        ready.write(head);
        ready.read();
        if (requestDone) {
            ready.write(LastHttpContent.EMPTY_LAST_CONTENT);
        } else {
            stream.read();
        }
        flushUpstream();
    }

    private void releaseUnused(UpstreamStream unused) {
        if (cluster != null) {
            cluster.finished();
        }
        unused.release(!unused.http2());
    }

    @Override
    public void failed(UpstreamFailure failure, String host) {
        if (!over) {
            exchange.upstreamFailed(host, failure.transport());
            answer(Answer.upstream(failure));
        }
    }

    void content(HttpContent content) {
        deadlines.progress();
        exchange.received(content.content().readableBytes());
        boolean last = content instanceof LastHttpContent;
        requestDone |= last;
        if (upstream == null) {
            // the request head came together with its end, or was refused
            content.release();
        } else if (content instanceof LastHttpContent end) {
            // HTTP/1.1 trailers are not forwarded, as their meaning is between neighbours
            upstream.write(
                    upstream.http2()
                            ? new DefaultLastHttpContent(end.content(), end.trailingHeaders())
                            : new DefaultLastHttpContent(end.content()));
        } else {
            upstream.write(content);
        }
        if (last) {
            deadlines.requestEnded(target == null ? Duration.ZERO : target.timeout());
        } else if (upstream != null && upstream.writableNow()) {
            stream.read();
        }
    }

    void flushUpstream() {
        if (upstream != null) {
            upstream.flush();
        }
    }

    @Override
    public void writable() {
        if (!requestDone) {
            stream.read();
            // what was waiting here came by no read of the socket, whose end flushes otherwise
            flushUpstream();
        }
    }

    void clientWritable() {
        if (upstream != null && answerBegun) {
            upstream.read();
        }
    }

    @Override
    public void response(HttpResponse response) {
        deadlines.progress();
        if (response.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
            informational(response);
            return;
        }
        answerBegun = true;
        keepClient &= !stream.isRetired();
        keepUpstream = HttpUtil.isKeepAlive(response);
        int status = response.status().code();
        if (cluster != null) {
            cluster.answered(status);
        }
        long millis = (System.nanoTime() - forwarded) / 1_000_000;
        exchange.response(status, response.headers(), "via_upstream");
        var head =
                ResponseHead.forClient(response, exchange, service.config(), millis, http2, keepClient && requestDone);
        changeHeaders(head);
        ResponseHead.finish(head.headers(), service.config());
        exchange.response(status, head.headers(), "via_upstream");
        var _ = stream.context().write(head);
        readAnswer();
    }

    private void informational(HttpResponse response) {
        if (response.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS)) {
            lost(UpstreamFailure.malformed());
        } else if (upstream != null) {
            // its empty content follows and is dropped below
            upstream.read();
        }
    }

    private void changeHeaders(HttpResponse head) {
        if (found != null) {
            Router.all(found, RouteTable.Headers::addToResponse)
                    .forEach(header -> header.apply(exchange, head.headers()));
            Router.all(found, RouteTable.Headers::removeFromResponse)
                    .forEach(name -> head.headers().remove(name));
        }
    }

    @Override
    public void answerContent(HttpContent content) {
        deadlines.progress();
        if (!answerBegun) {
            content.release();
            readAnswer();
            return;
        }
        exchange.sent(content.content().readableBytes());
        if (!(content instanceof LastHttpContent last)) {
            var _ = stream.context().write(content);
            readAnswer();
            return;
        }
        if (upstream != null && upstream.http2()) {
            exchange.trailers(last.trailingHeaders());
        }
        var _ = stream.context().writeAndFlush(http2 ? last : new DefaultLastHttpContent(last.content()));
        var done = upstream;
        upstream = null;
        if (done != null) {
            done.release(keepUpstream && requestDone && !done.http2());
        }
        end(keepClient && requestDone);
    }

    private void readAnswer() {
        var context = stream.context();
        if (upstream != null && context.channel().isWritable()) {
            upstream.read();
        }
        context.flush();
    }

    @Override
    public void lost(UpstreamFailure failure) {
        if (over) {
            return;
        }
        boolean cutOff = upstream != null && !upstream.http2();
        upstream = null;
        if (!answerBegun) {
            exchange.upstreamFailed(exchange.upstreamHost(), failure.transport());
            answer(Answer.upstream(failure));
        } else {
            // HTTP/1.1 knows no other way to say that the rest does not come
            var why = cutOff && failure.flag() == ResponseFlag.UC ? UpstreamFailure.malformed() : failure;
            exchange.flag(why.flag());
            exchange.details(
                    "upstream_reset_after_response_started{" + why.reset().replace(' ', '_') + "}");
            breakOff();
        }
    }

    private void expired(Deadlines.Which which) {
        if (over) {
            return;
        }
        var answer = switch (which) {
            case ANSWER -> Answer.TIMEOUT;
            case IDLE -> Answer.streamIdle(requestDone);
            case REQUEST -> Answer.REQUEST_TIMEOUT;
        };
        if (which == Deadlines.Which.ANSWER && cluster != null) {
            cluster.timedOut();
        }
        if (answerBegun) {
            answer.flag().ifPresent(exchange::flag);
            exchange.details(answer.details());
            breakOff();
        } else {
            answer(answer);
        }
    }

    /** The client has seen the beginning of an answer that will not come: it must not take it for whole. */
    private void breakOff() {
        abortUpstream();
        end(false);
        var _ = stream.context().close();
    }

    void clientGone() {
        if (over) {
            return;
        }
        exchange.flag(ResponseFlag.DC);
        exchange.details("downstream_remote_disconnect");
        abortUpstream();
        over = true;
        conclude();
    }

    void malformed(Answer answer) {
        if (exchange.protocol().isEmpty()) {
            exchange.request("", "", "", "HTTP/1.1", new DefaultHttpHeaders());
        }
        if (answerBegun) {
            breakOff();
        } else {
            keepClient = false;
            answer(answer);
        }
    }

    private void abortUpstream() {
        var aborted = upstream;
        upstream = null;
        if (aborted != null) {
            aborted.abort();
        }
    }

    /** Answers in place of an upstream. */
    private void answer(Answer answer) {
        abortUpstream();
        answerBegun = true;
        answer.flag().ifPresent(exchange::flag);
        // an answer that cuts a request short cannot be followed by another on the same connection
        keepClient &= requestDone || (original != null && RequestCheck.isBodyless(original));
        var response = ResponseHead.local(answer, exchange, service.config(), http2, keepClient);
        changeHeaders(response);
        ResponseHead.finish(response.headers(), answer, service.config());
        exchange.response(response.status().code(), response.headers(), answer.details());
        exchange.sent(response.content().readableBytes());
        if (cluster != null && answer.flag().isPresent()) {
            cluster.answered(answer.status());
        }
        var _ = stream.context().writeAndFlush(response);
        end(keepClient);
    }

    private void end(boolean keep) {
        over = true;
        conclude();
        stream.finished(requestDone, keep);
    }

    private void conclude() {
        deadlines.close();
        if (cluster != null && holding) {
            cluster.finished();
        }
        exchange.ended();
        service.requestEnded(exchange.status());
        service.logs().log(exchange);
    }
}
