// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.Layout;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import net.logstash.logback.composite.loggingevent.KeyValuePairsJsonProvider;
import net.logstash.logback.composite.loggingevent.LogLevelJsonProvider;
import net.logstash.logback.composite.loggingevent.LoggingEventFormattedTimestampJsonProvider;
import net.logstash.logback.composite.loggingevent.LoggingEventPatternJsonProvider;
import net.logstash.logback.composite.loggingevent.MessageJsonProvider;
import net.logstash.logback.composite.loggingevent.StackTraceJsonProvider;
import net.logstash.logback.encoder.LoggingEventCompositeJsonEncoder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/** Sets up logging for the whole process; may be called again to change it. */
public final class Log {
    private static final String OURS = "io.countersign";

    private Log() {}

    /**
     * Text lines read {@code time level message key="value"}; JSON lines have time, level, msg and the same keys. Where lines of
     * the program are asked for, they are the last keys, {@code file} and {@code func}, as the originals call them.
     */
    public static void configure(LogSettings settings) {
        configure(settings, "System.err");
    }

    /** As {@link #configure}, but on standard output: for programs whose log is what they print. */
    public static void configureForStandardOutput(LogSettings settings) {
        configure(settings, "System.out");
    }

    private static void configure(LogSettings settings, String stream) {
        var context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        var encoder = encoder(settings, context);
        var appender = appender(settings, stream);
        appender.setContext(context);
        appender.setEncoder(encoder);
        appender.start();
        var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.addAppender(appender);
        // libraries speak up only when something is wrong
        root.setLevel(Level.WARN);
        // gRPC sets TCP options on Unix sockets, too, which is no news to an operator
        context.getLogger("io.netty.bootstrap").setLevel(Level.ERROR);
        // a client that leaves in the middle of something is no news either
        context.getLogger("io.grpc.netty.NettyServerHandler").setLevel(Level.ERROR);
        bridge();
        level(settings.level());
    }

    /** What gRPC and the JDK say, who know another way of logging, comes out with the rest. */
    static void bridge() {
        if (!SLF4JBridgeHandler.isInstalled()) {
            SLF4JBridgeHandler.removeHandlersForRootLogger();
            SLF4JBridgeHandler.install();
        }
    }

    /** Logs as much from now on; where and how stays. */
    public static void level(LogSettings.Level level) {
        var context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.getLogger(OURS).setLevel(Level.valueOf(level.name()));
    }

    private static OutputStreamAppender<ILoggingEvent> appender(LogSettings settings, String stream) {
        if (settings.file().isPresent()) {
            var file = new FollowedFile();
            file.setFile(settings.file().get().toString());
            return file;
        }
        var console = new ConsoleAppender<ILoggingEvent>();
        console.setTarget(stream);
        return console;
    }

    private static Encoder<ILoggingEvent> encoder(LogSettings settings, LoggerContext context) {
        return switch (settings.format()) {
            case JSON -> {
                var time = new LoggingEventFormattedTimestampJsonProvider();
                time.setFieldName("time");
                time.setPattern("[ISO_OFFSET_DATE_TIME]");
                var message = new MessageJsonProvider();
                message.setFieldName("msg");
                var failure = new StackTraceJsonProvider();
                failure.setFieldName("error");
                var json = new LoggingEventCompositeJsonEncoder();
                json.setContext(context);
                var fields = json.getProviders();
                fields.addProvider(time);
                fields.addProvider(new LogLevelJsonProvider());
                fields.addProvider(message);
                fields.addProvider(new KeyValuePairsJsonProvider());
                if (settings.source()) {
                    var source = new LoggingEventPatternJsonProvider();
                    // found out by a walk through the stack, for each line: only where it is asked for
                    source.setPattern("{\"file\":\"%file:%line\",\"func\":\"%class.%method\"}");
                    fields.addProvider(source);
                }
                fields.addProvider(failure);
                json.start();
                yield json;
            }
            case TEXT -> text(new TextLayout(settings.source()), context);
        };
    }

    static Encoder<ILoggingEvent> text(Layout<ILoggingEvent> layout, LoggerContext context) {
        layout.setContext(context);
        layout.start();
        var encoder = new LayoutWrappingEncoder<ILoggingEvent>();
        encoder.setContext(context);
        encoder.setLayout(layout);
        encoder.start();
        return encoder;
    }
}
