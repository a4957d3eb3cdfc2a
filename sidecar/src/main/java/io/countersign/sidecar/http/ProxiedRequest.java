// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.http;

import io.countersign.sidecar.bootstrap.RouteTable.Target;
import io.countersign.sidecar.exchange.Exchange;
import io.countersign.sidecar.exchange.ResponseFlag;
import io.countersign.sidecar.upstream.UpstreamFailure;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.Http2Error;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One request on its way through: judged, routed, carried, answered, logged. Lives on one event loop. */
final class ProxiedRequest implements Attempt.Owner, Screening.Owner {
    private final HttpStream stream;
    private final HttpService service;
    private final ClientConnection client;
    private final Exchange exchange;
    private final boolean http2;
    private final Deadlines deadlines;

    private @Nullable HttpRequest original;
    private @Nullable HttpRequest forwarded;
    private Target.@Nullable ToCluster target;
    private @Nullable Screening screening;
    private @Nullable Tries tries;
    private boolean keepClient = true;
    private boolean keepUpstream = true;
    private boolean requestDone;
    private boolean answerBegun;
    private boolean over;

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
        keepClient = http2 || RequestCheck.keepsConnection(request);
        var refusal = RequestHead.enter(request, exchange, http2, client, service.config());
        if (refusal.isPresent()) {
            keepClient &= http2 || refusal.get().equals(Answer.NO_ABSOLUTE_PATH);
            answer(refusal.get());
            return;
        }
        keepClient &= http2 || !(exchange.method().equals("CONNECT") || RequestCheck.upgrades(request));
        screening = new Screening(service, exchange, request, stream.loop(), this);
        screening.start();
    }

    @Override
    public void bodyWanted() {
        invite();
        stream.read();
    }

    /** A client may wait for leave before it sends the body. */
    private void invite() {
        if (original != null && HttpUtil.is100ContinueExpected(original)) {
            HttpUtil.set100ContinueExpected(original, false);
            stream.context().writeAndFlush(ResponseHead.goOn()).addListener(written -> deadlines.progress());
        }
    }

    @Override
    public void passed(Router.Found found) {
        switch (found.route().target()) {
            case Target.Answer(int status, String body) -> answer(Answer.direct(status, body));
            case Target.ToCluster to -> {
                target = to;
                if (requestDone) {
                    // a filter has waited for all of it
                    deadlines.requestEnded(to.timeout());
                }
                tries = new Tries(service.cluster(to.cluster()), to.retry(), deadlines, stream.loop(), this);
                tries.start();
            }
        }
    }

    @Override
    public void ready() {
        var found = found();
        if (original == null || found == null || target == null || tries == null || screening == null) {
            throw new IllegalStateException("an upstream without a route");
        }
        var connection = tries.connection();
        exchange.upstream(connection.host(), connection.channel().localAddress(), connection.tls());
        if (forwarded == null) {
            forwarded = RequestHead.forUpstream(original, exchange, found, target, service.config());
            invite();
        }
        if (found.host().countToUpstream()) {
            forwarded.headers().set(ResponseHead.ATTEMPTS, tries.count());
        }
        tries.send(forwarded, requestDone && !screening.keepsBody());
        screening.handOver(tries::write);
        if (!requestDone) {
            stream.read();
        }
        if (!stream.isReading()) {
            tries.flush();
        }
    }

    @Override
    public void failed(UpstreamFailure failure, String host) {
        exchange.upstreamFailed(host, failure.transport());
        giveUp(failure);
    }

    /** There is no answer: another try if the route wants one. */
    private void giveUp(UpstreamFailure failure) {
        if (tries != null && !tries.againAfter(failure)) {
            tries.exhausted().ifPresent(exchange::flag);
            answer(Answer.upstream(failure, tries.count() > 1));
        }
    }

    void content(HttpContent content) {
        deadlines.progress();
        exchange.received(content.content().readableBytes());
        boolean last = content instanceof LastHttpContent;
        requestDone |= last;
        if (tries != null) {
            tries.write(content);
        } else if (screening == null || !screening.takes(content)) {
            // of a request that was refused
            content.release();
        }
        if (last && !over) {
            deadlines.requestEnded(target == null ? Duration.ZERO : target.timeout());
        } else if (tries != null && tries.isWritable()) {
            stream.read();
        }
    }

    void flushUpstream() {
        if (tries != null) {
            tries.flush();
        }
    }

    @Override
    public void writable() {
        if (!requestDone) {
            stream.read();
            flushUpstream();
        }
    }

    void clientWritable() {
        if (answerBegun) {
            readOn();
            // what was waiting here came by no read of the socket, whose end flushes otherwise
            answerPaused();
        }
    }

    @Override
    public void response(HttpResponse response) {
        deadlines.progress();
        if (response.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
            informational(response);
            return;
        }
        if (tries == null) {
            throw new IllegalStateException("an answer without a try");
        }
        int status = response.status().code();
        if (tries.againAfter(status, response.headers())) {
            return;
        }
        tries.exhausted().ifPresent(exchange::flag);
        tries.settle();
        answerBegun = true;
        keepClient &= !stream.isRetired();
        keepUpstream = HttpUtil.isKeepAlive(response);
        tries.cluster().answered(status);
        exchange.response(status, response.headers(), "via_upstream");
        var head = ResponseHead.forClient(
                response, exchange, service.config(), tries.millis(), http2, keepClient && requestDone);
        ResponseHead.change(head, found(), screening, exchange);
        ResponseHead.tellTries(head, found(), tries);
        ResponseHead.finish(head.headers(), service.config());
        exchange.response(status, head.headers(), "via_upstream");
        ResponseHead.begin(stream.context(), head, response, http2);
        readAnswer();
    }

    private void informational(HttpResponse response) {
        if (!response.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS)) {
            // its empty content follows and is dropped below
            readOn();
        } else if (original != null && tries != null && RequestCheck.upgrades(original)) {
            upgrade(response, tries);
        } else {
            abortUpstream();
            lost(UpstreamFailure.malformed());
        }
    }

    /** From here on both sides exchange bytes, until one of them leaves. */
    private void upgrade(HttpResponse response, Tries carrying) {
        carrying.settle();
        deadlines.close();
        answerBegun = true;
        var head = ResponseHead.upgraded(response, service.config());
        ResponseHead.tellTries(head, found(), tries);
        exchange.response(101, head.headers(), "via_upstream");
        service.upgraded();
        stream.leave();
        Upgrade.join(stream.context().channel(), carrying, head, service.config(), exchange, () -> {
            over = true;
            carrying.release(false);
            service.upgradeEnded();
            conclude();
        });
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
        if (tries != null && tries.http2()) {
            exchange.trailers(last.trailingHeaders());
        }
        ResponseHead.end(stream.context(), last, http2);
        if (tries != null) {
            tries.release(keepUpstream && requestDone);
        }
        end(keepClient && requestDone);
    }

    private Router.@Nullable Found found() {
        return screening == null ? null : screening.found();
    }

    private void readAnswer() {
        if (stream.context().channel().isWritable()) {
            readOn();
        }
    }

    @Override
    public void answerPaused() {
        stream.context().flush();
    }

    private void readOn() {
        if (tries != null) {
            tries.read();
        }
    }

    @Override
    public void lost(UpstreamFailure failure) {
        if (!answerBegun) {
            exchange.upstreamFailed(exchange.upstreamHost(), failure.transport());
            giveUp(failure);
        } else {
            // HTTP/1.1 knows no other way to say that the rest does not come
            boolean cutOff = tries != null && !tries.http2();
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
        if (which == Deadlines.Which.TRY && tries != null) {
            if (tries.againAfterTimeout()) {
                return;
            }
            tries.exhausted().ifPresent(exchange::flag);
        }
        var answer = Answer.expired(which, requestDone);
        if (which == Deadlines.Which.ANSWER && tries != null) {
            tries.cluster().timedOut();
        }
        if (!answerBegun) {
            answer(answer);
            return;
        }
        answer.flag().ifPresent(exchange::flag);
        exchange.details(answer.details());
        breakOff();
    }

    /** The client has seen the beginning of an answer that will not come: it must not take it for whole. */
    private void breakOff() {
        abortUpstream();
        end(false);
        stream.cutOff(Http2Error.INTERNAL_ERROR);
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
        if (screening != null) {
            screening.close();
        }
        if (tries != null) {
            tries.abort();
        }
    }

    @Override
    public void answer(Answer answer) {
        abortUpstream();
        answerBegun = true;
        answer.flag().ifPresent(exchange::flag);
        // an answer that cuts a request short cannot be followed by another on the same connection
        keepClient &= !stream.isRetired() && (requestDone || (original != null && RequestCheck.isBodyless(original)));
        var response = ResponseHead.local(answer, exchange, service.config(), http2, keepClient);
        ResponseHead.change(response, found(), null, exchange);
        ResponseHead.tellTries(response, answer, found(), tries);
        ResponseHead.finish(response.headers(), answer, screening, service.config());
        exchange.response(response.status().code(), response.headers(), answer.details());
        exchange.sent(response.content().readableBytes());
        if (tries != null && answer.flag().isPresent()) {
            tries.cluster().answered(answer.status());
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
        if (tries != null) {
            tries.close();
        }
        exchange.ended();
        service.requestEnded(exchange.status(), exchange.elapsed());
        service.logs().log(exchange);
    }
}
