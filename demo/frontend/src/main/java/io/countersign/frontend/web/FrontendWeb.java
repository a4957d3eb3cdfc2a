// SPDX-License-Identifier: Apache-2.0
package io.countersign.frontend.web;

import io.countersign.frontend.FrontendSettings;
import io.countersign.launch.EventLog;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.servlet.config.annotation.EnableWebMvc;

/** The web part: Tomcat, Spring MVC and two controllers. Named one by one, because looking for more costs the start. */
@Configuration(proxyBeanMethods = false)
@EnableWebMvc
@Import({TomcatServletWebServerAutoConfiguration.class, DispatcherServletAutoConfiguration.class})
public class FrontendWeb {
    @Bean
    Upstream upstream() {
        return new Upstream();
    }

    @Bean
    ApiController api(FrontendSettings settings, Upstream upstream, EventLog log) {
        return new ApiController(new DemoCall(settings, upstream, log), new BreakIn(settings, upstream));
    }

    @Bean
    PageController page(FrontendSettings settings) {
        return new PageController(settings);
    }

    @Bean
    EveryAnswer everyAnswer(EventLog log) {
        return new EveryAnswer(log);
    }
}
