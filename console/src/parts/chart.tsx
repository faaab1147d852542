/** Charts of days: small ones beside a number, and one with axes. */

import { useState } from "preact/hooks";

import { dayText, topOf } from "../figures";
import { number } from "../text";

export function Sparkline(props: { values: number[]; isLevel?: boolean }) {
  const { values } = props;
  const low = props.isLevel ? Math.min(...values) : 0;
  const range = Math.max(1, Math.max(...values) - low);
  const step = 100 / Math.max(1, values.length);
  return (
    <svg class="sparkline" viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden="true">
      {values.map((value, index) => {
        const height = value === 0 ? 0 : Math.max(1, ((value - low) / range) * 24);
        return <rect key={index} x={index * step} y={24 - height} width={step * 0.72} height={height} />;
      })}
    </svg>
  );
}

const height = 180;

export function DayChart(props: { label: string; days: string[]; values: number[] }) {
  const { days, values, label } = props;
  const [at, setAt] = useState<number>();
  const top = topOf(values);
  const step = 1000 / days.length;
  const shown = at === undefined ? undefined : { day: days[at] ?? "", value: values[at] ?? 0 };
  return (
    <figure class="chart">
      <figcaption>
        <span>{label}</span>
        <span class="faint" aria-hidden="true">
          {shown ? `${dayText(shown.day)}: ${number(shown.value)}` : "per day"}
        </span>
      </figcaption>
      <div class="chart-body">
        <div class="chart-scale faint" aria-hidden="true">
          <span>{number(top)}</span>
          <span>{Number.isInteger(top / 2) ? number(top / 2) : ""}</span>
          <span>0</span>
        </div>
        <svg
          viewBox={`0 0 1000 ${height}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={`${label} per day, from ${days[0]} to ${days.at(-1)}; the table below has the numbers`}
          onMouseLeave={() => setAt(undefined)}
        >
          <line x1="0" x2="1000" y1="0.5" y2="0.5" />
          <line x1="0" x2="1000" y1={height / 2} y2={height / 2} />
          <line x1="0" x2="1000" y1={height - 0.5} y2={height - 0.5} />
          {values.map((value, index) => {
            const tall = value > 0 ? Math.max(2, (value / top) * height) : 0;
            return (
              <g key={days[index]} onMouseEnter={() => setAt(index)} class={index === at ? "at" : ""}>
                <rect class="hit" x={index * step} y={0} width={step} height={height} />
                <rect class="bar" x={index * step + step * 0.14} y={height - tall} width={step * 0.72} height={tall} />
              </g>
            );
          })}
        </svg>
      </div>
      <div class="chart-days faint" aria-hidden="true">
        <span>{dayText(days[0] ?? "")}</span>
        <span>{days.length > 4 && dayText(days[Math.floor(days.length / 2)] ?? "")}</span>
        <span>{dayText(days.at(-1) ?? "")}</span>
      </div>
      <details>
        <summary>Numbers of each day</summary>
        <div class="scroll" tabIndex={0}>
          <table>
            <caption class="hidden">{label} per day</caption>
            <thead>
              <tr>
                <th scope="col">Day</th>
                <th scope="col" class="figure">
                  {label}
                </th>
              </tr>
            </thead>
            <tbody>
              {days.map((day, index) => (
                <tr key={day}>
                  <th scope="row">{day}</th>
                  <td class="figure">{number(values[index] ?? 0)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}
